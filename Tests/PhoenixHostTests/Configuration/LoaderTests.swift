import Glibc
import PhoenixCore
import PhoenixHost
import Testing

/// Directories as machines have them. Nothing blocks, nothing crashes, everything is told.
@Suite struct LoaderTests {
  @Test func aMissingFileIsAnEmptyPart() throws {
    let directory = try TemporaryDirectory()
    try directory.write("phoenix_lxc_configs.json", #"{"lxc_configs": {"101": {"name": "a"}}}"#)
    let loaded = ConfigurationLoader.load(directory: directory.path)
    #expect(!loaded.hasErrors)
    #expect(loaded.inventory.guests.map(\.id) == [101])
    let missing = loaded.findings.filter { $0.severity == .warning }.compactMap(\.location?.file)
    #expect(
      missing == [
        "certificate-manifest.json", "phoenix_hypervisor_config.json", "phoenix_stacks_config.json",
        "phoenix_vm_configs.json",
      ])
  }

  @Test func anEmptyDirectoryDeclaresNothing() throws {
    let directory = try TemporaryDirectory()
    let loaded = ConfigurationLoader.load(directory: directory.path)
    #expect(
      loaded.findings.filter { $0.severity == .error }.map(\.message) == [
        "neither guests nor stacks nor certificates are declared"
      ])
  }

  /// What stands in the place of a file, and what is said of it.
  @Test(.timeLimit(.minutes(1)), arguments: StrangeFile.allCases)
  func strangeFiles(file: StrangeFile) throws {
    let directory = try TemporaryDirectory()
    try directory.write("phoenix_lxc_configs.json", #"{"lxc_configs": {"101": {"name": "a"}}}"#)
    try directory.write(
      "phoenix_vm_configs.json", #"{"vms": [{"vmid": 1001, "name": "b", "docker_stacks": ["s"]}]}"#)
    try directory.write("certificate-manifest.json", "[]")
    try directory.write("phoenix_hypervisor_config.json", "{}")
    guard try file.place(at: "phoenix_stacks_config.json", in: directory) else { return }
    let loaded = ConfigurationLoader.load(directory: directory.path)
    let errors = loaded.findings.filter { $0.severity == .error }
    if let expected = file.expected {
      #expect(errors.count == 1, "nothing dangles into an unreadable file: \(errors)")
      #expect(errors.first?.location?.file == "phoenix_stacks_config.json")
      #expect(errors.first?.message.contains(expected) == true, "\(errors)")
      #expect(loaded.nodes.unreadable == [.stacks])
    } else {
      #expect(errors.isEmpty, "\(errors)")
    }
    #expect(loaded.inventory.guests.map(\.id) == [101, 1001], "the other files are read all the same")
  }

  @Test func strangeDirectories() throws {
    let directory = try TemporaryDirectory()
    try directory.write("file", "{}")
    symlink("loop", "\(directory.path)/loop")
    for (path, expected) in [
      ("none", "No such file"), ("file", "Not a directory"), ("loop", "symbolic links"),
    ] {
      let loaded = ConfigurationLoader.load(directory: "\(directory.path)/\(path)")
      #expect(loaded.findings.count == 1)
      #expect(loaded.hasErrors)
      #expect(loaded.findings.first?.message.contains(expected) == true, "\(loaded.findings)")
    }
  }

  @Test func aStacksOwnFileWins() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "phoenix_stacks_config.json",
      #"{"docker_stacks": {"s": {"description": "central", "compose_file_path": "x.yml", "environments": {"production": {"files": []}}}}}"#
    )
    try directory.write(
      "stacks/s/phoenix.json",
      #"{"description": "own", "environments": {"production": {"firewall_rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "80"}]}}}"#
    )
    try directory.write("stacks/s/docker-compose.yml", "services: {}")
    try directory.write("stacks/t/docker-compose.yml", "services: {}")
    let loaded = ConfigurationLoader.load(directory: directory.path)
    #expect(!loaded.hasErrors)
    #expect(loaded.inventory.stacks.map(\.name) == ["s", "t"])
    let stack = loaded.nodes.stacks?["docker_stacks"]?["s"]
    #expect(stack?["description"]?.string == "own" && stack?["compose_file_path"]?.string == "x.yml")
    #expect(stack?["environments"]?["production"]?["files"] != nil)
    #expect(
      loaded.inventory.stacks[0].firewallRules["production"]?.first?.location?.file == "stacks/s/phoenix.json"
    )
  }

  /// Only the errors of the stacks' central file itself are told when it is no object.
  @Test func nothingIsLaidOverWhatIsNoObject() throws {
    let directory = try TemporaryDirectory()
    try directory.write("phoenix_stacks_config.json", "[]")
    try directory.write("stacks/s/phoenix.json", "{}")
    let loaded = ConfigurationLoader.load(directory: directory.path)
    #expect(loaded.findings.contains { $0.message == "expected an object, found a list" })
  }

  @Test func corePathsRenameFiles() throws {
    let directory = try TemporaryDirectory()
    try directory.write("other/containers.json", #"{"lxc_configs": {"101": {"name": "a"}}}"#)
    try directory.write("machines.json", #"{"vms": [{"vmid": 1001, "name": "b"}]}"#)
    try directory.write(
      "phoenix_hypervisor_config.json",
      #"{"core_paths": {"lxc_config_file": "other/containers.json", "vm_config_file": "/nowhere/machines.json", "stacks_config_file": "none.json"}}"#
    )
    let loaded = ConfigurationLoader.load(directory: directory.path)
    #expect(loaded.inventory.guests.map(\.id) == [101, 1001])
    #expect(loaded.inventory.guests.map(\.location.file) == ["other/containers.json", "machines.json"])
    #expect(!loaded.hasErrors)
    let missing = try #require(loaded.findings.first { $0.message.contains("none.json") })
    #expect(missing.severity == .warning)
    #expect(missing.message == "the file \"none.json\" does not exist and counts as empty")
    #expect(missing.location?.file == "phoenix_hypervisor_config.json")
  }

  @Test func theDigestIsThatOfTheContent() throws {
    let digest = { (text: String) in
      let directory = try TemporaryDirectory()
      try directory.write("phoenix_lxc_configs.json", text)
      return ConfigurationLoader.load(directory: directory.path).desiredDigest
    }
    let one = try digest(#"{"lxc_configs": {"101": {"name": "a", "cores": 1}}}"#)
    #expect(try digest("{\n\"lxc_configs\": {\"101\": {\"cores\": 1, \"name\": \"a\"}}}") == one)
    #expect(try digest(#"{"lxc_configs": {"101": {"name": "a", "cores": 2}}}"#) != one)
  }
}

/// What can stand where a file should.
enum StrangeFile: String, CaseIterable, CustomTestStringConvertible {
  case directory, pipe, socket, device, loop, dangling, unreadable, tooLarge, link, linkToDirectory, empty

  var testDescription: String { rawValue }

  var expected: String? {
    switch self {
    case .directory, .pipe, .device, .linkToDirectory: "is no regular file"
    case .socket: "cannot be read"
    case .loop: "in a circle"
    case .dangling: "leads nowhere"
    case .unreadable: "may not be read"
    case .tooLarge: "larger than 16 MiB"
    case .empty: "the file is empty"
    case .link: nil
    }
  }

  /// Puts it there; false where this machine cannot.
  func place(at name: String, in directory: TemporaryDirectory) throws -> Bool {
    let path = "\(directory.path)/\(name)"
    switch self {
    case .directory: return mkdir(path, 0o755) == 0
    case .pipe: return mkfifo(path, 0o644) == 0
    case .socket: return mknod(path, S_IFSOCK | 0o644, 0) == 0
    case .device: return symlink("/dev/zero", path) == 0
    case .loop: return symlink(name, path) == 0
    case .dangling: return symlink("nowhere.json", path) == 0
    case .linkToDirectory: return symlink(".", path) == 0
    case .empty:
      try directory.write(name, "")
      return true
    case .unreadable:
      try directory.write(name, "{}")
      // root reads it all the same.
      return chmod(path, 0) == 0 && geteuid() != 0
    case .tooLarge:
      try directory.write(name, "{}")
      return truncate(path, 16 << 20 + 1) == 0
    case .link:
      try directory.write("elsewhere/real.json", #"{"docker_stacks": {"s": {}}}"#)
      return symlink("elsewhere/real.json", path) == 0
    }
  }
}

extension TemporaryDirectory {
  /// Writes a file, and makes the directories above it.
  fileprivate func write(_ name: String, _ text: String) throws {
    let parts = name.split(separator: "/").dropLast()
    for index in parts.indices { mkdir(file(parts[...index].joined(separator: "/")), 0o755) }
    try write(text, to: name, mode: 0o644)
  }
}
