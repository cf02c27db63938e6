/// How text for people is dressed.
public struct TextStyle: Hashable, Sendable {
  /// A colour of the terminal's own palette.
  enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
  }

  /// Whether colours and weights are written; only for a terminal.
  public let isColoured: Bool

  /// Creates a style.
  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// Text alone, for files and other programs.
  public static let plain = TextStyle(isColoured: false)

  func dye(_ text: String, _ colour: Colour) -> String { escape(text, colour.rawValue) }
  func bold(_ text: String) -> String { escape(text, 1) }
  func faint(_ text: String) -> String { escape(text, 2) }

  private func escape(_ text: String, _ code: Int) -> String {
    isColoured && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
