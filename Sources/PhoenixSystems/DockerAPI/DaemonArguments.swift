import PhoenixCore

/// dockerd's arguments without those that open TCP. Pure.
struct DaemonArguments: Equatable {
  /// What was taken away, option and value in one text.
  private(set) var removed: [String] = []
  /// The arguments that stay, in their order, without the program's name.
  private(set) var kept: [String] = []
  /// The ports of the TCP addresses that were taken away.
  private(set) var ports: Set<Int> = []
  /// Whether another address than TCP is among them.
  private(set) var hasSocket = false
  /// Whether TLS is switched on, with which dockerd takes a TCP port for its default.
  private(set) var hasTLS = false

  /// The file that it reads in the place of daemon.json; nil without one.
  private(set) var configurationFile: String?

  /// Short options that take no value; every other one does.
  private static let flags: Set<Character> = ["D", "v", "h"]
  private static let pathOptions: Set<Substring> = ["tlscacert", "tlscert", "tlskey"]
  private static let flagOptions: Set<Substring> = ["tls", "tlsverify"]

  /// Sorts the arguments.
  init(_ arguments: some Collection<String>) {
    var rest = Array(arguments)[...]
    while let word = rest.popFirst() {
      if word.hasPrefix("--") {
        takeLong(word, &rest)
      } else if word.hasPrefix("-"), word.count > 1 {
        takeShort(word, &rest)
      } else {
        kept.append(word)
      }
    }
  }

  /// An address as dockerd reads it: TCP unless it says something else.
  static func isTCP(_ host: String) -> Bool {
    !host.isEmpty && !["unix://", "fd://", "npipe://"].contains { host.hasPrefix($0) }
  }

  /// The port of a TCP address; dockerd's own without one.
  static func port(of host: String) -> Int {
    let authority = host.split(separator: "/").last { !$0.hasSuffix(":") } ?? ""
    guard let colon = authority.lastIndex(of: ":") else { return 2375 }
    return Int(authority[authority.index(after: colon)...]) ?? 2375
  }

  private mutating func takeLong(_ word: String, _ rest: inout ArraySlice<String>) {
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, value) = (parts[0], parts.count > 1 ? String(parts[1]) : nil)
    if name == "host" {
      guard let host = value ?? rest.popFirst() else { return kept.append(word) }
      takeHost(host, as: value == nil ? [word, host] : [word])
    } else if Self.flagOptions.contains(name) {
      hasTLS = hasTLS || ["1", "t", "T", "true", "TRUE", "True"].contains(value ?? "true")
      removed.append(word)
    } else if Self.pathOptions.contains(name) {
      let words = value == nil ? [word] + [rest.popFirst()].compactMap { $0 } : [word]
      removed.append(words.joined(separator: " "))
    } else {
      kept.append(word)
      var value = value
      // The value of an option, which is none itself.
      if value == nil, let next = rest.first, !next.hasPrefix("-") {
        value = next
        kept.append(rest.removeFirst())
      }
      if name == "config-file" { configurationFile = value }
    }
  }

  private mutating func takeShort(_ word: String, _ rest: inout ArraySlice<String>) {
    let options = word.dropFirst()
    guard let index = options.firstIndex(where: { !Self.flags.contains($0) }) else {
      return kept.append(word)
    }
    var value = options[options.index(after: index)...]
    if value.hasPrefix("=") { value = value.dropFirst() }
    let isNext = options.index(after: index) == options.endIndex
    let next = isNext ? rest.popFirst() : nil
    guard options[index] == "H" else { return kept += [word] + [next].compactMap { $0 } }
    guard let host = isNext ? next : String(value) else { return kept.append(word) }
    let before = options[..<index]
    if before.isEmpty || !Self.isTCP(host) {
      takeHost(host, as: [word] + [next].compactMap { $0 })
    } else {
      kept.append("-\(before)")
      takeHost(host, as: ["-H", host])
    }
  }

  private mutating func takeHost(_ host: String, as words: [String]) {
    if Self.isTCP(host) {
      ports.insert(Self.port(of: host))
      removed.append(words.joined(separator: " "))
    } else {
      hasSocket = true
      kept += words
    }
  }
}

/// Words as systemd's unit files take them. Pure.
enum UnitWords {
  /// A line of words that systemd reads as exactly these.
  ///
  /// - Parameters:
  ///   - words: The program's path, then its arguments.
  ///   - keepsVariables: Whether `$NAME` and `${NAME}` stand for variables of the unit's environment, as they do in
  ///     what systemd says of a unit; in what runs they are mere text.
  /// - Returns: The line.
  static func line(_ words: [String], keepsVariables: Bool) -> String {
    words.enumerated().map { index, word in
      index > 0 && word == ";" ? "\\;" : quoted(word, keepsVariables: keepsVariables)
    }.joined(separator: " ")
  }

  private static func quoted(_ word: String, keepsVariables: Bool) -> String {
    var text = ""
    var isPlain = !word.isEmpty
    for scalar in word.unicodeScalars {
      switch scalar {
      case "%": text += "%%"
      case "$": text += keepsVariables ? "$" : "$$"
      case "\"", "\\":
        text += "\\\(scalar)"
        isPlain = false
      case "\n":
        text += "\\n"
        isPlain = false
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
        isPlain = false
      case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", ":", "=", ",", "@", "+", "{", "}":
        text.unicodeScalars.append(scalar)
      default:
        text.unicodeScalars.append(scalar)
        isPlain = false
      }
    }
    return isPlain ? text : "\"\(text)\""
  }
}
