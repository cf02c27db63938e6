import FoundationEssentials
import Testing

/// Whoever is told what is wrong is told what to do.
@Suite struct FindingHintTests {
  /// Left to those who plan: these tell what was decided.
  private static let others = ["PhoenixCore/Kernel/", "PhoenixCore/Planning/", "PhoenixSystems/"]

  @Test func everyErrorAndWarningHasAHint() throws {
    let sources = "\(Texts.root)/Sources"
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter { path in
      path.hasSuffix(".swift") && !Self.others.contains { path.hasPrefix($0) }
    }
    #expect(files.count > 100)
    for file in files {
      let text = String(decoding: try Texts.source("Sources/\(file)"), as: UTF8.self)
      for finding in Self.calls(of: " Finding(", in: text) + Self.calls(of: "[Finding(", in: text)
      where !finding.contains("hint:") && !finding.contains(".note") {
        Issue.record("\(file) tells without a hint: \(finding)")
      }
    }
  }

  /// The arguments of each call.
  private static func calls(of start: String, in text: String) -> [String] {
    var (calls, rest): ([String], Substring) = ([], text[...])
    while let range = rest.firstRange(of: start) {
      rest = rest[range.upperBound...]
      var depth = 1
      let arguments = rest.prefix { character in
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
        return depth > 0
      }
      calls.append(String(arguments))
    }
    return calls
  }
}
