import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("Traefik's files")
struct TraefikFileTests {
  private static let compiled = LawExample.compile(Traefik.self)
  private static var desired: Traefik.Desired { compiled.desired }

  @Test("The files of the example, to the letter", arguments: ["traefik.yml", "phoenix.yml"])
  func golden(name: String) throws {
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let path = "/\(root)/Fixtures/traefik/\(name)"
    let proxy = try #require(Self.desired.proxy)
    let text =
      name == "traefik.yml" ? proxy.staticFile.text : try #require(TraefikFixtures.file(Self.desired)).text
    if getenv("PHOENIX_RECORD") != nil {
      try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
      return
    }
    #expect(text == String(decoding: try AtomicFile.read(path, limit: 1 << 20), as: UTF8.self))
  }

  @Test("What facts say is read back out of the file, and makes the same file again")
  func roundTrip() throws {
    let file = try #require(TraefikFixtures.file(Self.desired))
    let inputs = DynamicFile.inputs(in: file.text)
    #expect(inputs == file.inputs)
    #expect(inputs.clients.count == 2 && inputs.servers.count == 2 && inputs.generations.count == 1)
    #expect(DynamicFile(plan: file.plan, inputs: inputs).text == file.text)
  }

  @Test("A file that differs in one byte has no hash, and one that was cut off neither")
  func hash() throws {
    let text = try #require(TraefikFixtures.file(Self.desired)).text
    #expect(DynamicFile.hash(of: text)?.utf8.count == 12)
    let bytes = Array(text.utf8)
    for index in stride(from: 0, to: bytes.count, by: 97) {
      var spoiled = bytes
      spoiled[index] = spoiled[index] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
      #expect(DynamicFile.hash(of: String(decoding: spoiled, as: UTF8.self)) == nil, "byte \(index)")
      #expect(
        DynamicFile.hash(of: String(decoding: bytes[..<index], as: UTF8.self)) == nil, "cut at \(index)")
    }
  }

  @Test("A fact that cannot be read leaves its part as it is")
  func keeps() throws {
    let proxy = try #require(Self.desired.proxy)
    let before = try #require(TraefikFixtures.file(Self.desired))
    var state = TraefikFixtures.nothing
    state.dynamicFile = ServiceFilesState([before.wanted(proxy)])
    #expect(Traefik.dynamicFile(proxy, state, Facts())?.text == before.text)
    // One that is read changes its own part only.
    var facts = Facts()
    facts.publish([.swarmServers("production_echo_echo", port: 8080): .known(.list([]))])
    let after = try #require(Traefik.dynamicFile(proxy, state, facts))
    #expect(after.inputs.clients == before.inputs.clients)
    #expect(after.inputs.servers["echo"] == [])
    #expect(after.text.contains(#"    "echo":"#) && after.text.contains("servers: []"))
    // What stands there is no text: nothing is known to be kept, so nothing is written.
    state.dynamicFile.files[proxy.layout.dynamicPath]?.text = nil
    #expect(Traefik.dynamicFile(proxy, state, Facts()) == nil)
    #expect(Traefik.dynamicFile(proxy, state, Facts(TraefikFixtures.facts(Self.desired))) != nil)
  }

  @Test("What is no certificate, no address or no generation does not come into the file")
  func hostile() throws {
    let proxy = try #require(Self.desired.proxy)
    let client = proxy.plan.clients[0]
    let evil = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\nhttp: {}\n"
    var facts = TraefikFixtures.facts(Self.desired)
    facts[.clientLeaves(client)] = .known(.list([evil]))
    facts[.swarmServers("production_echo_echo", port: 8080)] = .known(
      .list(["10.0.0.1:80\"\n  evil: 1", "10.0.0.111:8080", "10.0.0.111:8080"]))
    for name in Self.desired.servers.keys {
      facts[FactKey("certificate.generation", of: name)] = .known(.text("../../etc"))
    }
    let file = try #require(TraefikFixtures.file(Self.desired, Facts(facts)))
    #expect(file.inputs.clients[client] == [])
    #expect(file.inputs.servers["echo"] == ["10.0.0.111:8080"])
    #expect(file.inputs.generations.isEmpty)
    #expect(!file.text.contains("evil") && !file.text.contains(".."))
  }

  @Test(
    "Texts in double quotes",
    arguments: [("a", #""a""#), (#"a"\b"#, #""a\"\\b""#), ("a\nb", #""a\U0000000ab""#), ("ü", "\"ü\"")])
  func quoted(text: String, yaml: String) {
    #expect(YAMLText.quoted(text) == yaml)
  }
}
