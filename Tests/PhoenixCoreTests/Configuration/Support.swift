import FoundationEssentials
import PhoenixCore
import Testing

/// SplitMix64: the same seed gives the same texts on every machine.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}

/// Files given as text.
enum Texts {
  /// The root of the sources.
  static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  /// A file of the sources.
  static func source(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(root)/\(path)")))
  }

  /// Parses a text and expects no findings.
  static func node(_ text: String, file: String = "test.json", at place: SourceLocation = #_sourceLocation)
    throws -> Node
  {
    let parsed = JSONText.parse(Array(text.utf8), file: file)
    #expect(FindingsText.render(parsed.findings) == "", sourceLocation: place)
    return try #require(parsed.root, sourceLocation: place)
  }

  /// Loads files given by their parts; the others are missing.
  static func load(_ texts: [ConfigurationPart: String]) throws -> LoadedConfiguration {
    var nodes = ConfigurationNodes()
    for (part, text) in texts { nodes[part] = try node(text, file: part.fileName) }
    return LoadedConfiguration(nodes)
  }

  /// The findings of files, as people read them, without hints.
  static func messages(_ texts: [ConfigurationPart: String]) throws -> [String] {
    try load(texts).findings.map { finding in
      "\(finding.location.map { "\($0.line):\($0.column) " } ?? "")\(finding.severity.rawValue): \(finding.message)"
    }
  }
}
