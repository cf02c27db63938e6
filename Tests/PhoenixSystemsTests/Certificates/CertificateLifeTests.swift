import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// The life of certificates at a real step-ca, in a guest whose shell is this machine's.
@Suite("Certificates at a real authority", .enabled(if: StepCAServer.program != nil), .timeLimit(.minutes(5)))
struct CertificateLifeTests {
  @Test("What is missing is issued, with its owner, its permissions and its root; then nothing is wanted")
  func isIssued() async throws {
    let authority = try await StepCAServer.make()
    let server = try await authority.start()
    let world = try CertificateWorld(authority)
    let system = world.certificates()
    let wanted = world.wanted(mode: FileMode(bits: 0o600))
    let desired = world.desired(wanted)

    let changes = try await world.pass(system, desired)
    #expect(changes.map(\.kind) == [.create])
    let chain = try world.pair(wanted)
    #expect(chain.leaf.names.map(\.description).sorted() == wanted.names)
    #expect(chain.intermediates.count == 1)
    let root = try CertificateChain.parse(
      String(decoding: Data(contentsOf: URL(filePath: wanted.place.rootPath ?? "")), as: UTF8.self))
    #expect(root.map(\.sha256) == [authority.root.sha256])
    #expect(world.guest.directory.mode("etc/nginx.internal.example.key") == 0o600)
    #expect(world.guest.directory.mode("etc/nginx.internal.example.crt") == 0o644)
    #expect(authority.requests.filter { $0.hasPrefix("POST") } == ["POST /sign 201"])

    let files = world.guest.directory.allFiles()
    #expect(try await world.pass(system, desired).isEmpty)
    #expect(world.guest.directory.allFiles() == files)
    #expect(authority.count("/sign") == 1)
    await server.stop()
  }
}
