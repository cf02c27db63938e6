import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What a look at a gateway is understood as")
struct NginxLookTests {
  static let gateway = NginxFixtures.gateway
  private static let sum = String(repeating: "a", count: 64)
  static let fields = [
    "active", "enabled", "nginx: master process nginx -c /etc/other.conf ", "ended",
    "\(sum) 644 root:root IyB4Cg==", "g1", sum, "cm9vdA==", "", "g2",
    "/etc/nginx/x:1:listen 443 default_server\n", "end", "",
  ]

  private func parse(_ fields: [String]) -> Nginx.Look? { parse(Array(fields.joined(separator: "\0").utf8)) }
  private func parse(_ bytes: [UInt8]) -> Nginx.Look? {
    Nginx.parse(bytes, Self.gateway, Self.gateway.certificates)
  }

  @Test("A whole answer")
  func whole() throws {
    let look = try #require(parse(Self.fields))
    let state = try #require(look.gateway.value)
    #expect(state.unit == "active" && state.generation == "g1" && state.loaded == Self.sum)
    #expect(state.files.files[Self.gateway.path]?.text == "# x\n")
    #expect(state.claims.count == 1 && state.runsWith == "/etc/other.conf")
    #expect(look.root == "root")
    #expect(look.refusals == ["nginx.internal.example": .absent, "qdrant.internal.example": .known("g2")])
  }

  @Test("What is not there, and what nginx does not say")
  func nothing() throws {
    var fields = Self.fields
    (fields[2], fields[4], fields[5], fields[6], fields[7]) = ("", "-", "", "-", "")
    let look = try #require(parse(fields))
    #expect(look.gateway.value?.files.files.isEmpty == true && look.root == nil)
    #expect(look.gateway.value?.loaded == nil && look.gateway.value?.generation == nil)
    #expect(look.gateway.value?.runsWith == nil)
    fields[6] = "?"
    #expect(parse(fields)?.gateway.unreadableReason?.contains("does not say") == true)
  }

  @Test("Garbage is not understood, wherever it stands")
  func garbage() {
    for index in Self.fields.indices where ![0, 1, 2, 5, 8, 9, 10].contains(index) {
      var fields = Self.fields
      fields[index] = "Welcome to Debian!"
      #expect(parse(fields) == nil, "field \(index)")
    }
    for count in 0..<Self.fields.count { #expect(parse(Array(Self.fields.prefix(count))) == nil) }
    #expect(parse(Self.fields + [""]) == nil)
    #expect(parse(["motd"] + Self.fields) == nil)
    var generator = SeededGenerator(seed: 7)
    let whole = Array(Self.fields.joined(separator: "\0").utf8)
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      _ = parse(bytes)
      _ = parse(Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator))))
    }
  }
}
