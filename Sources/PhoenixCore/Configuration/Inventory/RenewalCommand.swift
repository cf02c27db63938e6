/// What the manifest wants run after a renewal. It is split into words as POSIX does, and no shell of ours ever
/// sees it.
public struct RenewalCommand: Sendable, Hashable, Codable {
  /// Where it is run.
  public enum Place: Sendable, Hashable, Codable {
    /// `pct exec ID --`
    case container(Int)
    /// `qm guest exec ID --`
    case machine(Int)
    /// On the hypervisor.
    case hypervisor
  }

  /// Where it is run.
  public let place: Place
  /// The command and its arguments, without the prefix that names the place.
  public let words: [String]

  /// Creates a command.
  public init(place: Place, words: [String]) {
    self.place = place
    self.words = words
  }

  /// Reads a command of the manifest.
  ///
  /// - Parameter text: One simple command: quotes and backslashes as in POSIX, no expansion, no redirection.
  /// - Throws: `ShellWords.Problem` when it is none, or holds what only a shell can do.
  public init(_ text: String) throws(ShellWords.Problem) {
    let words = try ShellWords.split(text)
    if words.starts(with: ["pct", "exec"]), let (id, rest) = Self.target(words.dropFirst(2)) {
      self.init(place: .container(id), words: rest)
    } else if words.starts(with: ["qm", "guest", "exec"]), let (id, rest) = Self.target(words.dropFirst(3)) {
      self.init(place: .machine(id), words: rest)
    } else {
      self.init(place: .hypervisor, words: words)
    }
  }

  /// `ID [--] COMMAND...`
  private static func target(_ words: ArraySlice<String>) -> (Int, [String])? {
    guard let first = words.first, TextFormat.guestID.accepts(first), let id = Int(first) else { return nil }
    let rest = words.dropFirst()
    return (id, Array(rest.first == "--" ? rest.dropFirst() : rest))
  }

  /// The guest it is run in, if it is one.
  public var guest: Int? {
    switch place {
    case .container(let id), .machine(let id): id
    case .hypervisor: nil
    }
  }

  /// The consumer that it plainly reloads, so that the structured way can take its place; nil when it does
  /// something else.
  public var recognisedConsumer: CertificateConsumer? {
    let command = words.joined(separator: " ")
    let verbs = ["reload", "restart", "reload-or-restart", "try-reload-or-restart"]
    for (unit, consumer) in [
      ("nginx", CertificateConsumer.nginx), ("traefik", .traefik), ("docker", .dockerAPI),
    ] {
      if verbs.contains(where: { verb in
        words == ["systemctl", verb, unit] || words == ["systemctl", verb, unit + ".service"]
          || (isScript && command.contains("systemctl \(verb) \(unit)"))
      }) {
        return consumer
      }
    }
    if command.contains("nginx -s reload") { return .nginx }
    let restartsPortainer =
      command.contains("portainer")
      && (command.contains("docker restart") || command.contains("docker service update"))
    return restartsPortainer ? .portainer : nil
  }

  /// Whether it hands a script to a shell in the guest.
  public var isScript: Bool {
    guard let shell = words.first, words.count >= 3 else { return false }
    return ["sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/bash"].contains(shell) && words[1].hasPrefix("-")
      && words[1].hasSuffix("c")
  }
}

/// Splits a command into words as POSIX's shell does, and refuses what would need a shell.
public enum ShellWords {
  /// Why a text is no simple command.
  public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing but space.
    case empty
    /// A quote that is not closed.
    case openQuote(Character)
    /// A backslash at the end.
    case openEscape
    /// An operator or an expansion outside quotes, which only a shell can carry out.
    case needsShell(Character)

    /// What is wrong.
    public var description: String {
      switch self {
      case .empty: "the command is empty"
      case .openQuote(let quote): "a \(quote) is not closed"
      case .openEscape: "a backslash at the end of the command"
      case .needsShell(let character): "'\(character)' needs a shell"
      }
    }
  }

  /// Splits a command.
  ///
  /// - Parameter text: The command.
  /// - Returns: Its words, at least one.
  /// - Throws: `Problem` when it is none, or needs a shell.
  public static func split(_ text: String) throws(Problem) -> [String] {
    var words: [String] = []
    var word: String?
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case " ", "\t", "\n", "\r":
        if let done = word { words.append(done) }
        word = nil
      case "'":
        guard let end = rest.firstIndex(of: "'") else { throw .openQuote("'") }
        word = (word ?? "") + String(rest[..<end])
        rest = rest[rest.index(after: end)...]
      case "\"":
        word = (word ?? "") + (try doubleQuoted(&rest))
      case "\\":
        guard let next = rest.popFirst() else { throw .openEscape }
        if next != "\n" { word = (word ?? "") + String(Character(next)) }
      case "|", "&", ";", "<", ">", "(", ")", "$", "`", "*", "?", "[":
        throw .needsShell(Character(scalar))
      case "#" where word == nil, "~" where word == nil: throw .needsShell(Character(scalar))
      default: word = (word ?? "") + String(Character(scalar))
      }
    }
    if let done = word { words.append(done) }
    guard !words.isEmpty else { throw .empty }
    return words
  }

  /// Reads up to the closing double quote, in which backslashes keep their meaning before `$`, `` ` ``, `"`, `\`.
  private static func doubleQuoted(_ rest: inout Substring.UnicodeScalarView) throws(Problem) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(text)
      case "$", "`": throw .needsShell(Character(scalar))
      case "\\":
        guard let next = rest.popFirst() else { throw .openEscape }
        if !["$", "`", "\"", "\\", "\n"].contains(next) { text.append("\\") }
        if next != "\n" { text.append(next) }
      default: text.append(scalar)
      }
    }
    throw .openQuote("\"")
  }
}
