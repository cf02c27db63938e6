import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

/// A system that is as it should be, and whose server is reached through the lab's proxy only.
struct FaultStand: Sendable {
  /// What phoenixd would show and do after a look.
  struct Look: Sendable {
    /// Of the resource that the stand is about.
    let readiness: Readiness
    let health: SystemHealth
    let changes: [Change]
  }

  let proxy: FaultProxy
  /// What stands behind it; it ends when it is no longer held.
  let servers: [any AnyObject & Sendable]
  /// Looks with connections of its own: a kept one would go on past the fault.
  let look: @Sendable () async -> Look

  /// How long one answer is waited for.
  static let requestTimeout = Duration.seconds(2)

  /// A look at everything, with a client that is used for it only.
  private static func look<System: ManagedSystem>(
    _ desired: System.Desired, _ resource: ResourceID, facts: Facts = Facts(),
    _ system: (HTTPClient) -> System
  ) async -> Look {
    let client = HTTPClient()
    let observed = await system(client).observe(.everything, desired: desired)
    await client.shutdown()
    return Look(
      readiness: System.ready(resource, desired: desired, observed: observed),
      health: System.health(of: observed),
      changes: System.diff(
        desired: desired, observed: observed, facts: facts, now: WallTime(seconds: 1_800_000_000)))
  }

  /// The real authority where it is installed, a stand-in with its answers elsewhere.
  static func stepCA() async throws -> FaultStand {
    let authority = try await StepCAServer.make()
    let server: any AnyObject & Sendable
    let proxy: FaultProxy
    if StepCAServer.program != nil {
      server = try await authority.start()
      proxy = try await FaultProxy(before: authority)
    } else {
      let plain = try LoopbackServer { request in
        switch request.path {
        case "/health": .json(200, #"{"status":"ok"}"#)
        case "/provisioners":
          .json(
            200,
            #"{"provisioners":[{"type":"JWK","name":"\#(StepCAServer.provisioner)","key":{"kid":"k"},"#
              + #""encryptedKey":"e"}],"nextCursor":""}"#)
        case "/root/\(authority.root.sha256)":
          .json(200, #"{"ca":"\#(authority.root.pem.replacing("\n", with: #"\n"#))"}"#)
        default: .json(404, "{}")
        }
      }
      let front = try await TLSFront(before: Int(plain.port), of: authority)
      (server, proxy) = (front, try await FaultProxy(before: "127.0.0.1:\(front.port)", of: authority))
    }
    let access = StepCA.Access(
      url: proxy.url, host: "127.0.0.1", rootFingerprint: authority.root.sha256,
      provisioner: StepCAServer.provisioner)
    // As in a daemon that runs: the pinned root is known before anything fails.
    let roots = PinnedRoots()
    return FaultStand(proxy: proxy, servers: [server, authority]) {
      await look(StepCA.Desired(authority: access), access.resource) {
        StepCA(client: $0, clock: .system, requestTimeout: requestTimeout, roots: roots)
      }
    }
  }

  static func proxmox() async throws -> FaultStand {
    let authority = try await StepCAServer.make()
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live())
    let front = try await TLSFront(before: Int(fake.server.port), of: authority)
    let proxy = try await FaultProxy(before: "127.0.0.1:\(front.port)", of: authority)
    let desired = Fixture.desired(
      access: Proxmox.Access(
        endpoints: [proxy.url], node: "pve1", certificateAuthorityFile: nil, tokenCredential: "token"))
    var limits = Proxmox.Limits()
    limits.read = requestTimeout
    let (keys, limit) = (
      Proxmox.Keys(
        token: { _ in Secret("root@pam!test=canary") },
        trust: { _ in TLSTrust(rootsPEM: authority.root.pem) }),
      limits
    )
    return FaultStand(proxy: proxy, servers: [fake, front]) {
      await look(desired, Fixture.resource) {
        Proxmox(client: $0, keys: keys, stateDirectory: "/nonexistent", limits: limit)
      }
    }
  }

  static func docker() async throws -> FaultStand {
    let stand = try await DockerStand()
    let proxy = try await FaultProxy(before: "127.0.0.1:\(stand.port)", of: stand.authority)
    let desired = FakeSwarm.desired(proxy.url)
    var limits = Swarm.Limits()
    limits.request = requestTimeout
    let limit = limits
    return FaultStand(proxy: proxy, servers: [stand]) {
      await look(desired, ResourceID(.swarm, "service", FakeSwarm.echo)) {
        Swarm(client: $0, identity: stand.identity, limits: limit)
      }
    }
  }

  /// Traefik itself where it is installed, the stand-in elsewhere; on 127.0.0.2, with the proxy on 127.0.0.1 before it.
  static func traefik() async throws -> FaultStand {
    let world = try await TraefikWorld(
      TraefikWorld.Kind.available.last ?? .standIn, listenAddress: "127.0.0.2")
    let proxy = try await FaultProxy(
      before: "127.0.0.2:\(world.meshPort)", of: world.world.authority,
      names: ["traefik.internal.example"], on: world.meshPort)
    try await world.deliver()
    try await world.pass()
    return FaultStand(proxy: proxy, servers: [world]) {
      await look(world.desired, ResourceID(.traefik, "router", "echo"), facts: await world.facts()) {
        Traefik(client: $0, keys: world.traefik.keys, requestTimeout: requestTimeout)
      }
    }
  }
}

/// TLS before a server of a test that speaks plainly.
final class TLSFront: Sendable {
  let port: Int
  private let directory: TemporaryDirectory
  private let server: Server

  init(before target: Int, of authority: StepCAServer) async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    let key = try PrivateKey.generate()
    try await directory.write(authority.mint(names: ["127.0.0.1"], key: key).pem, to: "c.pem")
    try key.pem.reveal { try directory.write($0, to: "c.key") }
    port = try Server.freePort()
    let fixtures = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures"
    server = Server(
      [
        "/usr/bin/python3", "-B", "\(fixtures)/tls_front.py", "\(port)", "\(target)",
        directory.file("c.pem"), directory.file("c.key"),
      ], output: directory.file("output"))
  }
}
