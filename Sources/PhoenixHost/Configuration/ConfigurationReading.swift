import Glibc
import PhoenixCore

/// One reading of a configuration directory.
struct ConfigurationReading {
  let directory: String
  private(set) var nodes = ConfigurationNodes()
  private(set) var findings: [Finding] = []
  private var bytesRead = 0

  init(directory: String) { self.directory = directory }

  /// Whether the directory can be looked into; what is wrong with it is a finding.
  mutating func checkDirectory() -> Bool {
    var status = stat()
    guard stat(directory, &status) == 0 else {
      let code = errno
      findings.append(
        Finding(
          .error, "\(directory): \(ErrorText.of(code))",
          hint: code == ENOENT ? "name the directory with --config" : "let the user phoenix read it"))
      mark(unreadable: ConfigurationPart.allCases)
      return false
    }
    guard status.st_mode & S_IFMT == S_IFDIR, access(directory, R_OK | X_OK) == 0 else {
      let code = status.st_mode & S_IFMT == S_IFDIR ? errno : ENOTDIR
      findings.append(
        Finding(
          .error, "\(directory): \(ErrorText.of(code))",
          hint: code == ENOTDIR
            ? "name the directory of the files with --config" : "let the user phoenix read it"))
      mark(unreadable: ConfigurationPart.allCases)
      return false
    }
    return true
  }

  private mutating func mark(unreadable parts: [ConfigurationPart]) { nodes.unreadable.formUnion(parts) }

  /// Reads one of the files. A missing one is an empty part.
  mutating func read(_ part: ConfigurationPart) {
    let (name, declared) = fileName(of: part)
    switch parse(name) {
    case .parsed(let root): nodes[part] = root
    case .broken: nodes.unreadable.insert(part)
    case .missing:
      if !isPlaceKnown(of: part) {
        nodes.unreadable.insert(part)
      } else if let declared {
        findings.append(
          Finding(
            .warning, at: declared.location,
            "the file \(name.quotedForPeople) does not exist and counts as empty",
            hint: "correct core_paths, or put the file there"))
      } else if part.isExpected {
        findings.append(
          Finding(
            .warning, at: Location(file: name, line: 1, column: 1), "the file is missing and counts as empty",
            hint: "write \(part == .certificates ? "[]" : "{}") into it if that is meant"))
      }
    }
  }

  /// Whether core_paths, which may name another file, could be read.
  private func isPlaceKnown(of part: ConfigurationPart) -> Bool {
    guard part.corePathKey != nil else { return true }
    guard let root = nodes.hypervisor else { return !nodes.unreadable.contains(.hypervisor) }
    return root.isObject && root["core_paths"]?.isObject ?? true
  }

  /// What the file of a part is called, relative to the directory, and the node of core_paths that says so.
  ///
  /// Upstream's files name absolute paths below their own installation: the file of that name in this directory
  /// is meant, when there is one.
  private func fileName(of part: ConfigurationPart) -> (String, declared: Node?) {
    guard let key = part.corePathKey, let node = nodes.hypervisor?["core_paths"]?[key],
      let path = node.string,
      !path.isEmpty
    else { return (part.fileName, nil) }
    guard path.hasPrefix("/") else { return (path, node) }
    let base = String(path.split(separator: "/").last ?? "")
    return exists(base) ? (base, node) : (path, node)
  }

  private enum Parsed {
    case parsed(Node)
    case missing
    case broken
  }

  private mutating func parse(_ name: String) -> Parsed {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try AtomicFile.read(path(of: name), limit: JSONText.sizeLimit)
    } catch {
      if case .missing = error, !isDanglingLink(name) { return .missing }
      findings.append(finding(for: error, at: Location(file: name, line: 1, column: 1)))
      return .broken
    }
    bytesRead += bytes.count
    guard bytesRead <= ConfigurationLoader.totalLimit else {
      findings.append(
        Finding(
          .error, at: Location(file: name, line: 1, column: 1),
          "all files together are larger than \(ConfigurationLoader.totalLimit >> 20) MiB",
          hint: "no configuration is that large; take out what does not belong here"))
      return .broken
    }
    let parsed = JSONText.parse(bytes, file: name)
    findings += parsed.findings
    return parsed.root.map(Parsed.parsed) ?? .broken
  }

  private func finding(for error: FileError, at place: Location) -> Finding {
    switch error {
    case .missing:
      Finding(.error, at: place, "the symbolic link leads nowhere", hint: "correct it, or put the file there")
    case .tooLarge(_, let limit):
      Finding(
        .error, at: place, "the file is larger than \(limit >> 20) MiB",
        hint: "no configuration is that large; is it another file's name?")
    case .unsuitable(_, let reason):
      Finding(.error, at: place, reason, hint: "put a file there, or a link to one")
    case .system(_, _, ELOOP):
      Finding(.error, at: place, "symbolic links lead in a circle", hint: "put the file there")
    case .system(_, _, EACCES):
      Finding(
        .error, at: place, "the file may not be read",
        hint: "let the user phoenix read it: chgrp phoenix, chmod 640")
    case .system(_, _, let code): Self.unreadable("file", ErrorText.of(code), place)
    case .full: Self.unreadable("file", "no space left", place)
    }
  }

  private static func unreadable(_ what: String, _ reason: String, _ place: Location) -> Finding {
    Finding(
      .error, at: place, "the \(what) cannot be read: \(reason)",
      hint: "see that the user phoenix can read it; dmesg tells of a bad disk")
  }

  /// Lays every stacks/NAME/phoenix.json over the stack of that name.
  mutating func readStacks() {
    guard let names = stackNames() else { return }
    var stacks: [Node.Member] = []
    let nowhere = Location(file: "stacks", line: 1, column: 1)
    for name in names {
      let file = "stacks/\(name)/phoenix.json"
      let place = Location(file: file, line: 1, column: 1)
      switch parse(file) {
      case .parsed(let root): stacks.append(Node.Member(key: name, keyLocation: place, value: root))
      case .broken: nodes.unreadable.insert(.stacks)
      case .missing:
        guard Self.composeNames.contains(where: { exists("stacks/\(name)/\($0)") }) else { continue }
        stacks.append(Node.Member(key: name, keyLocation: place, value: Node(.object([]), at: place)))
      }
    }
    // What is no object is told by its shape; nothing is laid over it.
    guard !stacks.isEmpty,
      nodes.stacks.map({ $0.isObject && ($0["docker_stacks"]?.isObject ?? true) }) ?? true
    else { return }
    let own = Node(
      .object([
        Node.Member(key: "docker_stacks", keyLocation: nowhere, value: Node(.object(stacks), at: nowhere))
      ]), at: nowhere)
    nodes.stacks = nodes.stacks?.merged(with: own) ?? own
  }

  private static let composeNames = ["docker-compose.yml", "docker-compose.yaml"]

  /// The directories below `stacks`, in order; nil when there is no such directory.
  private mutating func stackNames() -> [String]? {
    let place = Location(file: "stacks", line: 1, column: 1)
    guard let stream = opendir(path(of: "stacks")) else {
      let code = errno
      if code != ENOENT {
        findings.append(Self.unreadable("directory", ErrorText.of(code), place))
        nodes.unreadable.insert(.stacks)
      }
      return nil
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") || !isDirectory("stacks/\(name)") { continue }
      guard names.count < ConfigurationLoader.stackLimit else {
        findings.append(
          Finding(
            .error, at: place, "there are more than \(ConfigurationLoader.stackLimit) directories",
            hint: "take out those that are no stacks"))
        break
      }
      names.append(name)
    }
    return names.sorted()
  }

  /// Stacks without a compose file.
  func missingComposeFiles(of stacks: [Stack]) -> [Finding] {
    stacks.filter { stack in !stack.composeCandidates.contains { exists($0) } }.map { stack in
      Finding(
        .warning, at: stack.location, "the stack \(stack.name.quotedForPeople) has no compose file here",
        hint: "put it at stacks/\(stack.name)/docker-compose.yml".escapedForTerminals)
    }
  }

  private func path(of name: String) -> String { name.hasPrefix("/") ? name : "\(directory)/\(name)" }

  private func exists(_ name: String) -> Bool {
    var status = stat()
    return stat(path(of: name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private func isDirectory(_ name: String) -> Bool {
    var status = stat()
    return stat(path(of: name), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func isDanglingLink(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(of: name), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
