import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// With the real nginx; systemd and dockerd are stand-ins (Fixtures/docker_guest.py).
@Suite("The door before dockerd", .timeLimit(.minutes(5)), .enabled(if: DockerWorld.isPossible))
struct DockerDoorTests {
  private static let versions = [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]]

  private func settled() async throws -> DockerWorld {
    let world = try await DockerWorld()
    try await world.deliverAll()
    try await world.settle()
    return world
  }

  private func status(
    _ world: DockerWorld, _ identity: Certificates.Identity?, _ version: [String]
  ) async throws -> Int32 {
    try await world.curl("\(world.url)/_ping", as: identity, version[0], version[1], version[2]).0
  }

  @Test("From nothing: the proxy, the delivered certificate; then nothing is wanted and nothing written")
  func fromNothing() async throws {
    let world = try await DockerWorld()
    let (server, traefik) = try await world.deliverAll()
    #expect(
      await world.changes().map(\.resource.description) == ["docker-api/proxy/101", "docker-api/served/101"])
    try await world.settle()
    let look = await world.look()
    let door = try #require(look.doors[DockerWorld.manager]?.value)
    #expect(door.fingerprints == [server.chain.leaf.sha256])
    #expect(door.nobody == [.closed, .closed])
    #expect(door.plaintext == .closed)
    #expect(door.stranger?.answers == [.closed, .closed] && door.stranger?.leaf != nil)
    #expect(door.clients.values.allSatisfy { $0.isLetIn })
    #expect(
      door.clients[world.traefik.place.name]
        == CertificateProof(leaf: traefik.chain.leaf.sha1, answers: [.answered(200), .answered(200)]))
    for kind in ["engine", "proxy", "served"] { #expect(await world.ready(kind) == .ready, "\(kind)") }
    #expect(await world.findings() == [])
    #expect(
      DockerAPI.facts(of: look)[.admitted(world.traefik.place.name, at: .dockerAPI, guest: 101)]
        == .known(.list([traefik.chain.leaf.sha1])))
    let marks = try world.directory.marks(of: "proxy", "units", "memory")
    #expect(try await world.pass().isEmpty)
    #expect(try world.directory.marks(of: "proxy", "units", "memory") == marks)
    #expect(world.starts == 1)
  }

  @Test("Only the declared certificate gets in, under TLS 1.2 and 1.3", arguments: versions)
  func admission(version: [String]) async throws {
    let world = try await DockerWorld()
    let (_, traefik) = try await world.deliverAll()
    try await world.settle()
    let (code, text) = try await world.curl(
      "\(world.url)/_ping", as: traefik, version[0], version[1], version[2])
    #expect(code == 0 && text == "OK")

    let name = world.traefik.place.commonName
    let expired = try await world.mint(name, age: .seconds(7200), life: .seconds(3600))
    let serverOnly = try await world.mint(name, usage: "serverAuth")
    // Even where their fingerprints are let in.
    world.publish(name, [traefik, expired, serverOnly])
    try await world.settle()
    let others: [(String, Certificates.Identity?)] = [
      ("no certificate", nil), ("the same name with another key", try await world.mint(name)),
      ("another name", try await world.mint("nginx-gateway-client.internal.example")),
      ("serverAuth only", serverOnly),
      ("expired", expired),
      ("the same name of another CA", try await world.mint(name, by: try await StepCAServer.make())),
      ("the name in other letters", try await world.mint(name.uppercased())),
    ]
    for (what, identity) in others {
      let (status, text) = try await world.curl(
        "\(world.url)/_ping", as: identity, version[0], version[1], version[2])
      #expect([35, 52, 55, 56].contains(status) && text.isEmpty, "\(what): curl \(status) \(text)")
    }
    let plain = try await world.curl("http://127.0.0.1:\(world.layout.port)/_ping", as: nil)
    #expect(plain.0 != 0 && plain.1.isEmpty)
    #expect(try await world.curl("\(world.url)/_ping", as: traefik).0 == 0)
  }

  @Test("A leaf of one client under the name of another does not get in")
  func crossed() async throws {
    let world = try await settled()
    // The fingerprint is let in for another subject only.
    let crossed = try await world.mint("someone-else.internal.example")
    world.publish(world.traefik.place.name, [crossed])
    try await world.settle()
    for version in Self.versions { #expect(try await status(world, crossed, version) != 0) }
  }

  @Test("A renewed client is let in before it is delivered, and its old one refused after it was proved")
  func rotated() async throws {
    let world = try await DockerWorld()
    let (_, old) = try await world.deliverAll()
    try await world.settle()
    let name = world.traefik.place.name
    let key = FactKey.admitted(name, at: .dockerAPI, guest: 101)

    let new = try await world.mint(world.traefik.place.commonName)
    #expect(try await status(world, new, Self.versions[1]) != 0)
    world.publish(name, [old, new])
    #expect(await world.changes().map(\.resource.kind) == ["proxy"])
    try await world.settle()
    #expect(
      DockerAPI.facts(of: await world.look())[key]
        == .known(.list([old.chain.leaf.sha1, new.chain.leaf.sha1].sorted())))
    for identity in [old, new] { #expect(try await status(world, identity, Self.versions[1]) == 0) }

    // Published as delivered, and not there yet: the old one stays.
    world.publish(name, [new])
    #expect(await world.changes().isEmpty)
    #expect(try await status(world, old, Self.versions[1]) == 0)
    try await world.world.put(new, world.traefik)
    #expect(await world.changes().map(\.resource.kind) == ["proxy"])
    try await world.settle()
    #expect(DockerAPI.facts(of: await world.look())[key] == .known(.list([new.chain.leaf.sha1])))
    #expect(try await status(world, old, Self.versions[1]) != 0)
    #expect(try await status(world, new, Self.versions[1]) == 0)
    #expect(world.starts == 1)
  }

  @Test("A reload for another client leaves a running request alone")
  func running() async throws {
    let world = try await DockerWorld()
    let (_, traefik) = try await world.deliverAll()
    try await world.settle()
    async let slow = world.curl("\(world.url)/slow", as: traefik)
    try await Task.sleep(for: .milliseconds(600))
    world.publish(world.traefik.place.name, [traefik, try await world.mint(world.traefik.place.commonName)])
    try await world.settle()
    let (status, text) = try await slow
    #expect(status == 0 && text == String(repeating: "line\n", count: 10))
  }

  @Test("A new server certificate is taken up by a reload")
  func renewed() async throws {
    let world = try await settled()
    let new = try await world.deliver(world.server)
    let changes = try await world.pass()
    #expect(changes.map(\.resource.description) == ["docker-api/served/101"])
    #expect(await eventually { await world.changes().isEmpty })
    #expect(await world.look().doors[101]?.value?.fingerprints == [new.chain.leaf.sha256])
  }

  @Test("A reload that changes nothing is found out, and the certificate before restored")
  func silentReload() async throws {
    let world = try await DockerWorld(proofTime: .seconds(1))
    let (old, _) = try await world.deliverAll()
    try await world.settle()
    let new = try await world.deliver(world.server)
    try world.fault("reload-ignored")
    let failure = try await world.failure()
    #expect(failure.expected == new.chain.leaf.sha256)
    #expect(await world.changes().first?.fields.map(\.field) == ["generation"])
    #expect(await world.look().doors[101]?.value?.fingerprints == [old.chain.leaf.sha256])
    try world.fault(nil)
    try await world.settle()
    #expect(await world.look().doors[101]?.value?.fingerprints == [new.chain.leaf.sha256])
  }

  @Test("What is on disk and not loaded is loaded", arguments: ["reload-ignored"])
  func notLoaded(fault: String) async throws {
    let world = try await settled()
    try world.fault(fault)
    let name = world.traefik.place.name
    let new = try await world.mint(world.traefik.place.commonName)
    guard case .known(.list(let leaves)) = await world.facts()[.clientFingerprints(name)] else { return }
    world.publish(name, .known(.list(leaves + [new.chain.leaf.sha1])))
    try await world.pass()
    // The files are right; what runs says that it does not know of them.
    #expect(await world.changes().map { $0.fields.map(\.field) } == [["loaded"]])
    #expect(
      DockerAPI.facts(of: await world.look())[.admitted(name, at: .dockerAPI, guest: 101)]
        == .known(.list(leaves)))
    try world.fault(nil)
    try await world.settle()
    #expect(try await status(world, new, Self.versions[1]) == 0)
  }

  @Test("A hand that widens the list is put back, and a stopped proxy started")
  func mended() async throws {
    let world = try await settled()
    let stranger = try await world.mint(world.traefik.place.commonName)
    let text = try world.directory.text("proxy/nginx.conf")
    let wider = text.split(separator: "default \"\";", omittingEmptySubsequences: false).joined(
      separator: "default \"\";\n    2:\(stranger.chain.leaf.sha1) unix:\(world.layout.engineSocket);\n"
        + "    1:\(stranger.chain.leaf.sha1) unix:\(world.layout.engineSocket);")
    try world.directory.write(wider, to: "proxy/nginx.conf", mode: 0o644)
    try await world.systemctl("reload", "phoenix-docker-proxy.service")
    #expect(await eventually { (try? await status(world, stranger, Self.versions[1])) == 0 })
    #expect(await world.changes().first?.fields.first?.field.hasPrefix(world.layout.proxyDirectory) == true)
    try await world.settle()
    #expect(try world.directory.text("proxy/nginx.conf") == text)
    #expect(try await status(world, stranger, Self.versions[1]) != 0)

    try await world.systemctl("stop", "phoenix-docker-proxy.service")
    #expect(
      DockerAPI.facts(of: await world.look())[.admitted(world.traefik.place.name, at: .dockerAPI, guest: 101)]
        == .known(.list([])))
    #expect(await world.changes().map(\.resource.kind) == ["proxy", "served"])
    try await world.settle()
    #expect(await world.ready("served") == .ready)
  }

  @Test("What was started with another file is started anew, although its unit says ours again")
  func startedOtherwise() async throws {
    let world = try await settled()
    func process() async -> Int? {
      await world.look().nodes[DockerWorld.manager]?.value?.proxy?.unit.mainProcess
    }
    let before = try #require(await process())
    // A restart takes away what was noted of the unit, and the kernel tells how it runs.
    try FileManager.default.removeItem(atPath: world.directory.file("run/unit"))
    try world.directory.make("proc/\(before)")
    try world.directory.write("Name: nginx\nNoNewPrivs:\t1\n", to: "proc/\(before)/status")
    try world.directory.write("nginx: master process nginx -c /tmp/open.conf", to: "proc/\(before)/cmdline")
    #expect(await world.changes().map { $0.fields.map(\.field) } == [["process"]])
    try await world.settle()
    #expect(await process() != before)
  }

  @Test("A configuration that nginx refuses is not left behind")
  func refused() async throws {
    let world = try await settled()
    let before = try world.directory.text("proxy/nginx.conf")
    world.publish(world.traefik.place.name, .known(.list(["no fingerprint"])))
    let failure = try await world.failure()
    #expect(failure.persistence == .transient)
    #expect(try world.directory.text("proxy/nginx.conf") == before)
    #expect(await world.look().nodes[101]?.value?.proxy?.files.isUnfinished == false)
  }

  @Test("An open 2375 is seen from outside, whoever holds it, and told")
  func exposed() async throws {
    let world = try await settled()
    let open = Server(
      ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", String(world.layout.plainPort)],
      output: "/dev/null")
    #expect(await eventually { await world.findings().count == 2 })
    let findings = await world.findings()
    #expect(
      findings.contains { $0.hasPrefix("warning: python3") && $0.contains(":\(world.layout.plainPort)") })
    #expect(findings.contains { $0.hasPrefix("error: 127.0.0.1:\(world.layout.plainPort) of") })
    #expect(await world.changes().isEmpty)
    await open.stop()
  }

  @Test("Without phoenixd's own certificate the door opens for the others, and is not ready")
  func withoutOwn() async throws {
    let world = try await DockerWorld()
    try await world.deliver(world.server)
    let traefik = try await world.deliver(world.traefik)
    try await world.deliver(world.gateway)
    world.publish(world.traefik.place.name, [traefik])
    // Nobody has published it yet: nothing is done.
    #expect(await world.changes().map(\.resource.kind) == ["served"])
    world.publish(DockerWorld.ownName, .absent)
    try await world.settle()
    #expect(try await status(world, traefik, Self.versions[1]) == 0)
    guard case .notReady = await world.ready("served") else {
      Issue.record("it is ready")
      return
    }
    world.own(try await world.mint(DockerWorld.ownName))
    try await world.settle()
    #expect(await eventually { await world.ready("served") == .ready })
  }
}
