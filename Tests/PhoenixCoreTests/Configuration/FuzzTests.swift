import FoundationEssentials
import PhoenixCore
import Testing

/// How long the fuzz tests run: PHOENIX_FUZZ_SECONDS, or a fixed small number of rounds.
enum FuzzTime {
  static let seconds = ProcessInfo.processInfo.environment["PHOENIX_FUZZ_SECONDS"].flatMap { Int($0) }
  static var isLong: Bool { (seconds ?? 0) >= 60 }

  /// The seeds to try: `rounds` of them, or as many as the time allows, from a new start each time.
  static func run(rounds: Int, _ body: (UInt64) throws -> Void) rethrows {
    guard let seconds else {
      for seed in 0..<UInt64(rounds) { try body(seed) }
      return
    }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var seed = UInt64.random(in: 0..<(1 << 48))
    while clock.now < end {
      try body(seed)
      seed += 1
    }
  }
}

/// Broken copies of the example: whatever is in the files, loading ends with a configuration or with errors.
@Suite struct FuzzTests {
  @Test func brokenExamplesAreTold() throws {
    let files = try ConfigurationPart.allCases.map { ($0, try Texts.source("etc/phoenix/\($0.fileName)")) }
    var (refused, accepted) = (0, 0)
    FuzzTime.run(rounds: 150) { seed in
      var random = Seeded(seed: seed)
      var nodes = ConfigurationNodes()
      var findings: [Finding] = []
      let target = random.below(files.count)
      for (index, (part, bytes)) in files.enumerated() {
        let text = index == target ? Self.broken(bytes, &random) : bytes
        let parsed = JSONText.parse(text, file: part.fileName)
        #expect(parsed.root != nil || parsed.findings.contains { $0.severity == .error }, "seed \(seed)")
        nodes[part] = parsed.root
        if parsed.root == nil { nodes.unreadable.insert(part) }
        findings += parsed.findings
      }
      let loaded = LoadedConfiguration(nodes, readingFindings: findings)
      #expect(loaded.desiredDigest.count == 64, "seed \(seed)")
      let text = FindingsText.render(loaded.findings)
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "seed \(seed)")
      if loaded.hasErrors { refused += 1 } else { accepted += 1 }
    }
    #expect(refused > 0 && accepted > 0)
  }

  /// Values in place of others, so that the text stays JSON and decoding gets what it does not expect.
  @Test func strangeValuesAreTold() throws {
    let nodes = try ConfigurationPart.allCases.map { part in
      (part, try Texts.node(String(decoding: Texts.source("etc/phoenix/\(part.fileName)"), as: UTF8.self)))
    }
    var strange = 0
    FuzzTime.run(rounds: 150) { seed in
      var random = Seeded(seed: seed)
      let target = random.below(nodes.count)
      var all = ConfigurationNodes()
      for (index, (part, node)) in nodes.enumerated() {
        all[part] = index == target ? Self.strange(node, &random) : node
      }
      let loaded = LoadedConfiguration(all)
      if !loaded.findings.isEmpty { strange += 1 }
      #expect(loaded.inventory.guests.map(\.id) == loaded.inventory.guests.map(\.id).sorted(), "seed \(seed)")
    }
    #expect(strange > 25 || FuzzTime.seconds != nil)
  }

  private static func broken(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    var text = bytes
    for _ in 0...random.below(3) where !text.isEmpty {
      let place = random.below(text.count)
      let length = min(random.below(30), text.count - place)
      switch random.below(6) {
      case 0: text.removeSubrange(place..<place + length)
      case 1: text[place] = UInt8.random(in: 0...255, using: &random)
      case 2: text.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3: text = Array(text[..<place])
      case 4: text.insert(contentsOf: text[place..<place + length], at: random.below(text.count))
      default: text[place] = UInt8(ascii: "9")
      }
    }
    return text
  }

  /// The value with some of its parts replaced.
  private static func strange(_ node: Node, _ random: inout Seeded) -> Node {
    if random.below(40) == 0 {
      let values: [Node.Content] = [
        .null, .bool(true), .integer(.min), .integer(.max), .integer(0), .number("1e400"), .string(""),
        .string("\u{0}\u{1b}[31m"), .string(String(repeating: "x", count: 5000)), .string("../../x"),
        .string("10.0.0.10/24"), .string("2375"), .string("pct exec 101 -- 'x"), .array([]), .object([]),
        .array([Node(.object([]), at: node.location)]), .string("103"), .string("1:65535"), .string("*.x"),
      ]
      return Node(values[random.below(values.count)], at: node.location)
    }
    switch node.content {
    case .array(let elements): return Node(.array(elements.map { strange($0, &random) }), at: node.location)
    case .object(let members):
      return Node(
        .object(
          members.map { member in
            let key = random.below(100) == 0 ? "\(random.below(3000))" : member.key
            return Node.Member(
              key: key, keyLocation: member.keyLocation, value: strange(member.value, &random))
          }), at: node.location)
    default: return node
    }
  }
}
