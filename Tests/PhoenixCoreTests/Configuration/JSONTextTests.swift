import PhoenixCore
import Testing

@Suite struct JSONTextTests {
  @Test(arguments: [
    ("{}", "{}"),
    (" [ ] ", "[]"),
    ("null", "null"),
    ("\t\r\n true\r\n", "true"),
    ("-0", "0"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854775808"),
    ("[1.5,-2e10,3E-2,0.0,1e+1]", "[1.5,-2e10,3E-2,0.0,1e+1]"),
    (#""\"\\\/\b\f\n\r\tA\u00e9\uD83D\ude00""#, "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\tAé😀\""),
    (#"{"b":1,"a":{"d":[],"c":null}}"#, #"{"a":{"c":null,"d":[]},"b":1}"#),
    (#"{"":""}"#, #"{"":""}"#),
    (#""\u0000""#, #""\u0000""#),
    ("\"\u{7f}é\u{10ffff}\"", "\"\u{7f}é\u{10ffff}\""),
  ])
  func readsWhatIsJSON(text: String, canonical: String) throws {
    #expect(String(decoding: try Texts.node(text).canonicalText, as: UTF8.self) == canonical)
  }

  /// Places are counted in Unicode scalars, from 1.
  @Test func placesCountScalars() throws {
    let root = try Texts.node("{\r\n  \"é😀\": [1,\n\t\"ü\", {\"e\u{301}\": true}]}")
    let member = try #require(root.members.first)
    #expect(member.keyLocation == Location(file: "test.json", line: 2, column: 3))
    #expect(member.value.location == Location(file: "test.json", line: 2, column: 9))
    let elements = member.value.elements
    #expect(elements.map(\.location.line) == [2, 3, 3])
    #expect(elements.map(\.location.column) == [10, 2, 7])
    #expect(elements[2].members[0].value.location.column == 14)
  }

  @Test(arguments: [
    ("", "1:1: error: the file is empty"),
    (" \n\t", "1:1: error: the file is empty"),
    ("{", "1:2: error: the file ends inside the object that begins at f:1:1"),
    ("{\"a\"", "1:5: error: the file ends inside the object that begins at f:1:1"),
    ("{\"a\":", "1:6: error: the file ends inside the object that begins at f:1:1"),
    ("{\"a\":1", "1:7: error: the file ends inside the object that begins at f:1:1"),
    ("{\"a\":1,", "1:8: error: the file ends inside the object that begins at f:1:1"),
    ("[1,", "1:4: error: the file ends inside the array that begins at f:1:1"),
    ("[\n\"ab", "2:4: error: the file ends inside the string that begins at f:2:1"),
    ("\"\\", "1:3: error: the file ends inside the string that begins at f:1:1"),
    ("[1,]", "1:3: error: a comma with nothing after it before ']'"),
    ("{\"a\":1 , }", "1:8: error: a comma with nothing after it before '}'"),
    ("{,}", "1:2: error: expected a key in double quotes, found ','"),
    ("[,]", "1:2: error: expected a value, found ','"),
    ("{\"a\" 1}", "1:6: error: expected ':' after the key \"a\", found '1'"),
    ("{\"a\":1 \"b\":2}", "1:8: error: expected ',' or '}' in the object that begins at f:1:1, found '\"'"),
    ("[1 2]", "1:4: error: expected ',' or ']' in the array that begins at f:1:1, found '2'"),
    ("[1}", "1:3: error: expected ',' or ']' in the array that begins at f:1:1, found '}'"),
    ("{a:1}", "1:2: error: expected a key in double quotes, found \"a\""),
    ("{'a':1}", "1:2: error: expected a key in double quotes, found \"'\""),
    ("{\"a\":1} // end", "1:9: error: '/' after the end of the value"),
    ("// begin", "1:1: error: expected a value, found '/'"),
    ("[1] [2]", "1:5: error: '[' after the end of the value"),
    ("True", "1:1: error: expected a value, found \"True\""),
    ("nulll", "1:1: error: expected a value, found \"nulll\""),
    ("NaN", "1:1: error: expected a value, found \"NaN\""),
    ("[-]", "1:2: error: a number needs a digit after its sign"),
    ("01", "1:1: error: a number must not begin with 0"),
    ("-01", "1:1: error: a number must not begin with 0"),
    ("00", "1:1: error: a number must not begin with 0"),
    ("1.", "1:1: error: a number needs a digit after its point"),
    ("1e", "1:1: error: a number needs a digit in its exponent"),
    ("1e+", "1:1: error: a number needs a digit in its exponent"),
    ("0x10", "1:1: error: \"0x10\" is no number"),
    ("12a", "1:1: error: \"12a\" is no number"),
    (".5", "1:1: error: expected a value, found '.'"),
    ("+5", "1:1: error: expected a value, found '+'"),
    ("\"a\nb\"", "1:3: error: the line ends inside the string that begins at f:1:1"),
    ("\"a\tb\"", "1:3: error: the control character 0x9 in a string"),
    ("\"\\x\"", "1:2: error: JSON has no escape of \\ and 'x'"),
    ("\"\\u12g4\"", "1:2: error: \\u needs four hexadecimal digits"),
    ("\"\\ud800\"", "1:2: error: half of a surrogate pair"),
    ("\"\\ud800\\u0041\"", "1:2: error: half of a surrogate pair"),
    ("\"\\udc00\"", "1:2: error: half of a surrogate pair"),
    ("“a”", "1:1: error: expected a value, found '“'"),
    ("{\"a\":1,\"a\":2}", "1:8: error: the key \"a\" is twice in this object; it first stands at f:1:2"),
  ])
  func tellsWhatIsWrong(text: String, expected: String) {
    let parsed = JSONText.parse(Array(text.utf8), file: "f")
    #expect(
      FindingsText.render(parsed.findings).split(separator: "\n").first.map { $0.dropFirst(2) }
        == expected[...])
    #expect((parsed.root == nil) != text.contains("\"a\":2"))
  }

  /// Bytes that are no well-formed UTF-8 (Unicode, table 3-7).
  @Test(arguments: [
    [0x80], [0xff], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0x80], [0xe2, 0x82],
    [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80],
    [0xf0, 0x9f, 0x98],
  ])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) {
    for text in [Array("\"".utf8) + bytes + Array("\"".utf8), Array("[\"\\n".utf8) + bytes] {
      let parsed = JSONText.parse(text, file: "f")
      #expect(parsed.root == nil)
      #expect(parsed.findings.map(\.message).contains { $0.contains("is not UTF-8") })
    }
  }

  /// Duplicates are told all in one run, and the first one counts.
  @Test func everyDuplicateIsTold() throws {
    let keys = (0..<30).map { "\"k\($0)\":\($0)" } + ["\"k3\":true", "\"k29\":true"]
    let parsed = JSONText.parse(Array("{\(keys.joined(separator: ","))}".utf8), file: "f")
    #expect(parsed.findings.count == 2)
    #expect(parsed.root?["k3"]?.integer == 3)
    #expect(parsed.root?["k29"]?.integer == 29)
  }

  @Test func aMarkBeforeTheTextIsAWarning() {
    let parsed = JSONText.parse([0xef, 0xbb, 0xbf] + Array("{\"a\":1}".utf8), file: "f")
    #expect(parsed.findings.map(\.severity) == [.warning])
    #expect(parsed.root?["a"]?.location.column == 6)
  }

  /// Files that are no JSON text at all. Each one gives one error, at once.
  @Test(.timeLimit(.minutes(1)), arguments: HostileFile.all)
  func hostileFiles(file: HostileFile) {
    let parsed = JSONText.parse(file.bytes, file: "f")
    #expect(parsed.root == nil)
    #expect(parsed.findings.count == 1)
    #expect(parsed.findings.first.map(\.severity) == .error)
    #expect(parsed.findings.first?.message.contains(file.expected) == true, "\(parsed.findings)")
  }

  /// Cut off anywhere, a file is refused and nothing crashes.
  @Test func truncatedAnywhere() throws {
    let whole = try Texts.source("etc/phoenix/certificate-manifest.json")
    let end = try #require(whole.lastIndex(of: UInt8(ascii: "]")))
    for length in 0...end {
      let parsed = JSONText.parse(Array(whole[..<length]), file: "f")
      #expect(parsed.root == nil)
      #expect(parsed.findings.count == 1)
    }
  }

  @Test func depthIsCountedToTheLimit() {
    for (depth, isRead) in [(JSONText.depthLimit, true), (JSONText.depthLimit + 1, false)] {
      let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      #expect((JSONText.parse(Array(text.utf8), file: "f").root != nil) == isRead)
    }
  }

  /// Long lines, long strings, many keys: linear time is what lets this end.
  @Test(.timeLimit(.minutes(1))) func largeFilesAreRead() {
    let line = (0..<200_000).map { "\"é\($0)\":{\"k\":\"ü\"}" }.joined(separator: ",")
    let parsed = JSONText.parse(Array("{\(line)}".utf8), file: "f")
    #expect(parsed.root?.members.count == 200_000)
    #expect(parsed.root?.members.last?.keyLocation.line == 1)
    let string =
      [UInt8(ascii: "\"")] + [UInt8](repeating: UInt8(ascii: "x"), count: 15 << 20) + [UInt8(ascii: "\"")]
    #expect(JSONText.parse(string, file: "f").root?.string?.utf8.count == 15 << 20)
  }
}

/// A file that is no configuration, and what is said of it.
struct HostileFile: Sendable, CustomTestStringConvertible {
  let name: String
  let expected: String
  let bytes: [UInt8]

  var testDescription: String { name }

  static let all: [HostileFile] = [
    HostileFile(
      name: "UTF-16 little with mark", expected: "UTF-16", bytes: [0xff, 0xfe] + utf16("{}", isBig: false)),
    HostileFile(
      name: "UTF-16 big with mark", expected: "UTF-16", bytes: [0xfe, 0xff] + utf16("{}", isBig: true)),
    HostileFile(name: "UTF-16 little", expected: "UTF-16", bytes: utf16("{ }", isBig: false)),
    HostileFile(name: "UTF-16 big", expected: "UTF-16", bytes: utf16("{ }", isBig: true)),
    HostileFile(name: "UTF-32 little", expected: "UTF-16 or UTF-32", bytes: [0x7b, 0, 0, 0, 0x7d, 0, 0, 0]),
    HostileFile(name: "ELF", expected: "binary", bytes: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]),
    HostileFile(name: "gzip", expected: "binary", bytes: [0x1f, 0x8b, 8, 0, 1, 2, 3]),
    HostileFile(name: "zeros", expected: "UTF-16", bytes: [0, 0x7b, 0, 0x7d]),
    HostileFile(name: "only zeros", expected: "binary", bytes: [UInt8](repeating: 0, count: 1 << 20)),
    HostileFile(name: "Latin-1", expected: "0xfc is not UTF-8", bytes: [0x22, 0xfc, 0x22]),
    HostileFile(name: "10,000 arrays", expected: "deeper", bytes: [UInt8](repeating: 0x5b, count: 10_000)),
    HostileFile(
      name: "10,000 objects", expected: "deeper",
      bytes: Array(String(repeating: "{\"a\":", count: 10_000).utf8)),
    HostileFile(name: "16 MiB of [", expected: "deeper", bytes: [UInt8](repeating: 0x5b, count: 16 << 20)),
    HostileFile(
      name: "16 MiB of values", expected: "values",
      bytes: [0x5b] + (0..<(8 << 20) - 1).flatMap { _ in [UInt8(ascii: "0"), UInt8(ascii: ",")] }),
    HostileFile(
      name: "over 16 MiB", expected: "larger", bytes: [UInt8](repeating: 0x20, count: 16 << 20 + 1)),
    HostileFile(name: "16 MiB of space", expected: "empty", bytes: [UInt8](repeating: 0x20, count: 16 << 20)),
    HostileFile(
      name: "an open string of 16 MiB", expected: "ends inside the string",
      bytes: [0x22] + [UInt8](repeating: 0x61, count: (16 << 20) - 1)),
    HostileFile(name: "HTML", expected: "expected a value, found '<'", bytes: Array("<html></html>".utf8)),
    HostileFile(
      name: "YAML", expected: "expected a value", bytes: Array("---\na: 1\n".utf8).dropFirst(4) + []),
  ]

  private static func utf16(_ text: String, isBig: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(unit >> 8), UInt8(unit & 255)]
      return isBig ? bytes : bytes.reversed()
    }
  }
}
