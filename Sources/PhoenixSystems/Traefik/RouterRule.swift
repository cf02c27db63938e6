import PhoenixCore

/// What a router's rule says of host names, as far as it takes to know that it leaves one alone. Pure.
struct RouterRule {
  private enum Token {
    case text(String)
    /// What stands in backquotes or double quotes, and so is no word of the rule.
    case literal(String)
  }

  private let text: String

  init(_ text: String) { self.text = text }

  /// Whether requests for a host may match: unless each alternative names hosts, and not this one. What is not
  /// understood may match.
  func mayTake(_ host: String) -> Bool {
    guard let alternatives else { return true }
    return alternatives.contains { alternative in
      guard let names = Self.names(in: alternative) else { return true }
      return names.contains(Self.plain(host))
    }
  }

  /// A host as Traefik compares it: the final dot of a whole name counts no more than capitals do.
  private static func plain(_ host: String) -> String {
    let small = host.lowercased()
    return small.hasSuffix(".") ? String(small.dropLast()) : small
  }

  /// The names that a conjunction asks for; nil when it asks for none, or in a way that is not understood.
  private static func names(in alternative: [Token]) -> [String]? {
    let words = alternative.map { if case .text(let text) = $0 { text } else { "" } }
    guard !words.contains(where: { $0.contains("!") || $0.contains("hostregexp") }),
      let start = words.firstIndex(where: Self.callsHost)
    else { return nil }
    var names: [String] = []
    for token in alternative[(start + 1)...] {
      switch token {
      case .literal(let name): names.append(plain(name))
      case .text(","): continue
      case .text(let text):
        let isEnd = text == ")" || text.hasPrefix("))") || text.hasPrefix(")&&")
        return isEnd && !names.isEmpty ? names : nil
      }
    }
    return nil
  }

  private static func callsHost(_ words: String) -> Bool {
    guard words.hasSuffix("host(") else { return false }
    return words.dropLast("host(".count).last.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
  }

  /// The rule's alternatives; nil when its literals cannot be told from its words.
  private var alternatives: [[Token]]? {
    guard let tokens else { return nil }
    var alternatives: [[Token]] = [[]]
    for token in tokens {
      guard case .text(let text) = token else {
        alternatives[alternatives.count - 1].append(token)
        continue
      }
      for (index, part) in text.split(separator: "||", omittingEmptySubsequences: false).enumerated() {
        if index > 0 { alternatives.append([]) }
        alternatives[alternatives.count - 1].append(.text(String(part)))
      }
    }
    return alternatives
  }

  /// Words without spaces and in small letters, and literals. Nil where one does not end, is written with escapes, or
  /// holds what is read as something else; and where there is a comment.
  private var tokens: [Token]? {
    var tokens: [Token] = []
    var words = ""
    var literal: (quote: Character, text: String)?
    for character in text {
      if let (quote, text) = literal {
        guard character != quote else {
          tokens.append(.literal(text))
          literal = nil
          continue
        }
        guard quote == "`" || character != "\\", character.isASCII, character >= " " else { return nil }
        literal?.text.append(character)
      } else if character == "`" || character == "\"" {
        tokens.append(.text(words))
        words = ""
        literal = (character, "")
      } else if character == "'" || character == "/" {
        // A rune, or a comment.
        return nil
      } else if !character.isWhitespace {
        words.append(contentsOf: character.lowercased())
      }
    }
    guard literal == nil else { return nil }
    return tokens + [.text(words)]
  }
}
