import FoundationEssentials
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("What is wrong with a stack's labels is told before anything is deployed")
struct TraefikCompileTests {
  @Test(
    arguments: [
      ("entrypoints=mesh", "entrypoints=mesh", nil),
      ("entrypoints=mesh", "entrypoints=mesh,websecure", nil),
      ("entrypoints=mesh", "entrypoints=mesch", "the router qdrant is at mesch, which is no entry point"),
      ("entrypoints=mesh", "entrypoints=mesh,x,y", "the router qdrant is at x, which is no entry point"),
      ("routers.qdrant.", "routers.q%t.", "the router \"q%t\" is left alone: no plain name"),
      ("loadbalancer.server.port=6333", "loadbalancer.server.scheme=http", "its labels name no port"),
    ] as [(String, String, String?)])
  func labels(text: String, other: String, message: String?) throws {
    let example = "\(#filePath.components(separatedBy: "/Tests/")[0])/etc/phoenix"
    let directory = try TemporaryDirectory()
    for name in try FileManager.default.contentsOfDirectory(atPath: example) {
      let path = "\(example)/\(name)"
      guard name.hasSuffix(".json"), let bytes = FileManager.default.contents(atPath: path) else { continue }
      let content = String(decoding: bytes, as: UTF8.self)
      try directory.write(
        name == "phoenix_stacks_config.json" ? content.replacing(text, with: other) : content, to: name)
    }
    let loaded = ConfigurationLoader.load(directory: directory.path)
    let compiled = Traefik.compile(loaded.inventory, loaded.nodes)
    let found = compiled.findings.filter { $0.severity == .warning }
    #expect(found.isEmpty == (message == nil), "\(found)")
    guard let message else { return }
    #expect(found.contains { $0.message.contains(message) && $0.location != nil }, "\(found)")
  }
}
