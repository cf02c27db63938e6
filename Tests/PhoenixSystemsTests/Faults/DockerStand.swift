import PhoenixCore
import PhoenixNetwork

@testable import PhoenixSystems

/// A manager's API with a certificate of an authority of its own, which lets in that authority's clients.
final class DockerStand: Sendable {
  let authority: StepCAServer
  let port: Int
  private let directory: TemporaryDirectory
  private let server: Server
  private let own: TLSIdentity

  /// What phoenixd shows and trusts.
  var identity: Swarm.Identity {
    let (own, root) = (own, authority.root.pem)
    return { _ in (own, TLSTrust(rootsPEM: root)) }
  }

  init() async throws {
    let authority = try await StepCAServer.make()
    self.authority = authority
    let directory = try TemporaryDirectory()
    self.directory = directory
    let key = try PrivateKey.generate()
    try await directory.write(authority.mint(names: ["127.0.0.1"], key: key).pem, to: "server.pem")
    try key.pem.reveal { try directory.write($0, to: "server.key") }
    try directory.write(authority.root.pem, to: "root.pem")
    let ownKey = try PrivateKey.generate()
    own = TLSIdentity(
      certificateChainPEM: try await authority.mint(names: ["phoenix-client.internal.example"], key: ownKey)
        .pem,
      keyPEM: ownKey.pem)
    port = try Server.freePort()
    let fixtures = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures"
    server = Server(
      [
        "/usr/bin/python3", "-B", "\(fixtures)/docker.py", "\(port)", "\(fixtures)/docker",
        directory.file("server.pem"), directory.file("server.key"), directory.file("root.pem"),
      ], output: directory.file("output"))
  }
}
