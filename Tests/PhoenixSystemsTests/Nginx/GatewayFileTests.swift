import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("Our file in nginx's configuration")
struct GatewayFileTests {
  /// `PHOENIX_RECORD=1` writes it anew.
  @Test("For the example's files, to the letter")
  func golden() throws {
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let path = "/\(root)/Fixtures/phoenix-gateway.conf"
    let example = ConfigurationLoader.load(
      directory: "/\(root.split(separator: "/").dropLast(2).joined(separator: "/"))/etc/phoenix")
    let compiled = Nginx.compile(example.inventory, example.nodes)
    #expect(compiled.findings == [])
    let gateway = try #require(compiled.desired.gateway)
    let text = GatewayFile(gateway: gateway, generation: "20261123T040506Z-5f").file.text
    if getenv("PHOENIX_RECORD") != nil { try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644) }
    #expect(text == String(decoding: try AtomicFile.read(path, limit: 1 << 20), as: UTF8.self))
  }

  @Test("The hash is of all that the file says, and of the generation")
  func hash() {
    let file = NginxFixtures.file
    #expect(file.hash != GatewayFile(gateway: NginxFixtures.gateway, generation: "g2").hash)
    var gateway = NginxFixtures.gateway
    gateway.hosts.removeLast()
    #expect(file.hash != GatewayFile(gateway: gateway, generation: "g1").hash)
    #expect(file.file.text.contains("{ default \"\(file.hash)\"; }"))
  }

  @Test("Without Traefik's part of mutual TLS names are served, and nothing is passed on")
  func noUpstream() {
    var gateway = NginxFixtures.gateway
    gateway.upstream = nil
    let text = GatewayFile(gateway: gateway, generation: "").file.text
    #expect(!text.contains("proxy_") && !text.contains("phoenix_traefik"))
    #expect(text.contains("return 503;") && text.contains("return 200 \"phoenix"))
  }

  @Test("A path cannot end its directive")
  func quoting() {
    var entry = CertificateEntry(
      commonName: "a.example", certificatePath: #"/a";} b\c"#, keyPath: "/k",
      location: CertificateFixtures.location)
    entry.guest = 101
    var gateway = NginxFixtures.gateway
    gateway.hosts = [Nginx.Host(name: "a.example", certificate: entry.places[0])]
    let text = GatewayFile(gateway: gateway, generation: "g1").file.text
    #expect(text.contains(#"ssl_certificate "/a\";} b\\c";"#))
  }
}
