import FoundationEssentials
import PhoenixCore
import Testing

/// Phoenix's parser and FoundationEssentials' agree on what is JSON, where that one is right: it takes commas with
/// nothing after them, and refuses `0e5` and numbers beyond Double, which are JSON.
@Suite struct JSONAgreementTests {
  @Test(.timeLimit(.minutes(2)), arguments: 0..<4)
  func acceptTheSameTexts(part: UInt64) {
    var accepted = 0
    let texts = FuzzTime.isLong ? 100_000 : 2500
    for index in 0..<UInt64(texts) {
      let seed = part << 32 + index
      var random = Seeded(seed: seed)
      let text = JSONTexts.one(&random)
      let ours = JSONText.parse(text, file: "f")
      if Self.isWhereTheyDiffer(ours) { continue }
      let theirs = try? JSONDecoder().decode(Anything.self, from: Data(text))
      accepted += ours.root == nil ? 0 : 1
      #expect(
        (ours.root != nil) == (theirs != nil),
        "seed \(seed): \(String(decoding: text, as: UTF8.self).debugDescription) \(ours.findings)")
      #expect(ours.root.map(Anything.init) == theirs, "seed \(seed)")
    }
    // Neither all nor nothing, or the test would prove nothing.
    #expect(accepted > texts / 10 && accepted < texts * 9 / 10)
  }

  private static func isWhereTheyDiffer(_ ours: ParsedFile) -> Bool {
    guard let root = ours.root else {
      return ours.findings.contains { $0.message.hasPrefix("a comma with nothing after it") }
    }
    return root.numbers.contains { text in
      Double(text)?.isFinite != true || text.lowercased().drop { $0 == "-" }.hasPrefix("0e")
    }
  }
}

/// Any JSON value, for comparison.
private enum Anything: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([Anything])
  case object([String: Anything])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([Anything].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: Anything].self))
    }
  }

  init(_ node: Node) {
    switch node.content {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let number): self = .number(Double(number))
    case .number(let text): self = .number(Double(text) ?? .nan)
    case .string(let text): self = .string(text)
    case .array(let elements): self = .array(elements.map(Anything.init))
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.key, Anything($0.value)) }) { first, _ in first })
    }
  }
}

extension Node {
  /// All numbers in it that are no Int, as written.
  fileprivate var numbers: [String] {
    switch content {
    case .number(let text): [text]
    case .array(let elements): elements.flatMap(\.numbers)
    case .object(let members): members.flatMap(\.value.numbers)
    default: []
    }
  }
}

/// Texts that are JSON, or nearly.
private enum JSONTexts {
  static func one(_ random: inout Seeded) -> [UInt8] {
    var text = Array(value(&random, depth: 0).utf8)
    for _ in 0..<[0, 0, 1, 1, 2].randomElement(using: &random, or: 0) where !text.isEmpty {
      let place = random.below(text.count)
      switch random.below(4) {
      case 0: text.remove(at: place)
      case 1: text.insert(noise(&random), at: place)
      case 2: text[place] = noise(&random)
      default: text.insert(contentsOf: text[place..<min(place + 3, text.count)], at: place)
      }
    }
    return text
  }

  /// ASCII that JSON is made of, so that a mistake is a near one.
  private static func noise(_ random: inout Seeded) -> UInt8 {
    let bytes = Array("{}[]:,\"\\0123456789-+.eEtruefalsn \nu".utf8)
    return bytes[random.below(bytes.count)]
  }

  private static func value(_ random: inout Seeded, depth: Int) -> String {
    switch random.below(depth > 4 ? 5 : 8) {
    case 0: return ["true", "false", "null"].randomElement(using: &random, or: "null")
    case 1: return "\(Int.random(in: -1000...1000, using: &random))"
    case 2:
      return ["0.5", "-1.25e3", "1E2", "100000.0", "9007199254740993", "1e-5"].randomElement(
        using: &random, or: "0")
    case 3, 4: return string(&random)
    case 5:
      let elements = (0..<random.below(4)).map { _ in value(&random, depth: depth + 1) }
      return "[\(space(&random))\(elements.joined(separator: ",\(space(&random))"))]"
    default:
      // Distinct keys: what a duplicate means is where the two differ by intention.
      let members = (0..<random.below(4)).map {
        "\"\($0)\(depth)\"\(space(&random)):\(value(&random, depth: depth + 1))"
      }
      return "{\(members.joined(separator: "\(space(&random)),"))}"
    }
  }

  private static func string(_ random: inout Seeded) -> String {
    let parts = ["a", "é", "😀", "\\n", "\\\"", "\\u00e9", "\\ud83d\\ude00", "\\/", " ", "Z", "\\\\"]
    return "\"" + (0..<random.below(5)).map { _ in parts[random.below(parts.count)] }.joined() + "\""
  }

  private static func space(_ random: inout Seeded) -> String { ["", "", " ", "\n", "\t "][random.below(5)] }
}

extension Array {
  fileprivate func randomElement(using random: inout Seeded, or other: Element) -> Element {
    isEmpty ? other : self[random.below(count)]
  }
}
