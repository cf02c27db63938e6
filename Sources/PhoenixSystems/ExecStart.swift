import PhoenixCore

/// How a unit starts its program, all drop-ins considered, as `systemctl show -p ExecStart` tells it.
public struct ExecStart: Codable, Hashable, Sendable {
  /// The program's path; empty when there is none.
  public var program: String
  /// All words, the program's name among them.
  public var words: [String]

  /// Creates a command.
  public init(program: String, words: [String]) {
    self.program = program
    self.words = words
  }

  /// Reads `{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// ; ignore_errors=no ; ...}`; nil for anything
  /// else.
  init?(property text: String) {
    guard let path = text.firstRange(of: "path="), let argv = text.firstRange(of: " ; argv[]="),
      let end = text.firstRange(of: " ; ignore_errors="), path.upperBound <= argv.lowerBound,
      argv.upperBound <= end.lowerBound
    else { return nil }
    self.init(
      program: String(text[path.upperBound..<argv.lowerBound]),
      words: Self.words(text[argv.upperBound..<end.lowerBound]))
  }

  /// Newer versions of systemd put words with blanks into double quotes.
  private static func words(_ text: Substring) -> [String] {
    var (words, word): ([String], String?) = ([], nil)
    var (isQuoted, isEscaped) = (false, false)
    for character in text {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
        word = word ?? ""
      } else if character == " ", !isQuoted {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + [word].compactMap { $0 }
  }
}
