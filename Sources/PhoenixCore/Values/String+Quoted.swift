extension String {
  /// The text in double quotes for a message: control characters escaped, at most 60 characters of it.
  public var quotedForPeople: String {
    let shown = unicodeScalars.prefix(60)
    let text = String(String.UnicodeScalarView(shown)).escapedForTerminals
    return "\"\(text)\(shown.endIndex == unicodeScalars.endIndex ? "" : "...")\""
  }

  /// The text with every control and direction character written as `\u{..}`, so that it can neither drive a
  /// terminal nor break a line.
  public var escapedForTerminals: String {
    guard unicodeScalars.contains(where: \.drivesTerminals) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.drivesTerminals {
        text += scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Control characters, and those that turn the direction of text.
  fileprivate var drivesTerminals: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
