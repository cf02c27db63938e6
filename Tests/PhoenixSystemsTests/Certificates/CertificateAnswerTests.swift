import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What an authority says no to, garbles, loses, or gives wrongly.
@Suite("Wrong answers of an authority", .enabled(if: StepCAServer.program != nil), .timeLimit(.minutes(5)))
struct CertificateAnswerTests {
  @Test("A refused request costs its token, and the corrected one comes with another")
  func corrected() async throws {
    try await CertificateWorld.lend { world, authority in
      let system = world.certificates()
      let tooLong = world.wanted(lifetime: .seconds(4000 * 3600))
      let failure = try await world.failure(system, world.desired(tooLong))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("403"))
      try await world.pass(system, world.desired(world.wanted(lifetime: .seconds(40 * 3600))))
      #expect(authority.posts == ["POST /sign 403", "POST /sign 201"])
    }
  }

  @Test("An answer that is lost after the authority signed is asked for again, with the same key")
  func lostAnswer() async throws {
    try await CertificateWorld.lend { _, authority in
      let issue = try await ProxiedIssue(of: authority, renewing: false)
      try issue.proxy.set("drop-reply")
      #expect(try await issue.pending.failure().persistence == .transient)
      let signed = authority.count("/sign")
      let key = issue.world.state.allFiles().filter { $0.hasSuffix(".key") }
      #expect(key.count == 1)

      try issue.proxy.set("pass")
      try await issue.world.pass(issue.world.certificates(), issue.desired)
      try issue.world.pair(issue.wanted)
      #expect(signed == 1 && authority.count("/sign") == 2)
      #expect(issue.world.state.allFiles().filter { $0.hasSuffix(".key") } == key)
    }
  }

  @Test("An authority that answers with another root than the pinned one is not used, and nothing is written")
  func impostor() async throws {
    try await CertificateWorld.lend { _, authority in
      let proxy = try await FaultProxy(before: authority)
      let other = try await StepCAServer.make()
      let pem = other.root.pem.split(separator: "\n").joined(separator: "\\n")
      try proxy.answer(status: 200, json: #"{"ca": "\#(pem)\n"}"#)
      let world = try CertificateWorld(authority, url: proxy.url)
      let look = await world.stepCA.observe(.everything, desired: world.desiredAuthority)
      #expect(look.authority.unreadableReason?.contains("not the pinned") == true)
      let failure = try await world.failure(world.certificates(), world.desired(world.wanted()))
      #expect(failure.persistence == .transient)
      #expect(world.state.allFiles().isEmpty)
      #expect(world.guest.directory.allFiles().isEmpty)
    }
  }

  @Test(
    "Garbage, errors and silence of the authority are transient and touch nothing",
    arguments: ["garbage", "status500", "reset", "refuse"])
  func troubles(mode: String) async throws {
    try await CertificateWorld.lend { _, authority in
      let issue = try await ProxiedIssue(of: authority, renewing: true)
      try issue.proxy.set(mode)
      let failure = try await issue.pending.failure()
      #expect(failure.persistence == .transient)
      #expect(failure.endpoint == issue.proxy.url)
      #expect(try issue.world.pair(issue.wanted).leaf == issue.old?.chain.leaf)
      try issue.proxy.set("pass")
      try await issue.world.pass(issue.system, issue.desired)
      #expect(try issue.world.pair(issue.wanted).leaf != issue.old?.chain.leaf)
    }
  }

  @Test("A certificate for somebody else's key is refused, and no file changes")
  func wrongKey() async throws {
    try await CertificateWorld.lend { _, authority in
      let issue = try await ProxiedIssue(of: authority, renewing: true)
      let other = try await authority.mint(names: issue.wanted.names, key: try PrivateKey.generate())
      let parts = [other.leaf.pem, other.intermediates[0].pem].map {
        "\"" + $0.split(separator: "\n").joined(separator: "\\n") + "\\n\""
      }
      try issue.proxy.answer(
        status: 201,
        json: #"{"crt": \#(parts[0]), "ca": \#(parts[1]), "certChain": [\#(parts.joined(separator: ","))]}"#)
      let files = issue.world.guest.directory.allFiles()
      let failure = try await issue.pending.failure()
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("another key"))
      #expect(issue.world.guest.directory.allFiles() == files)
      #expect(try issue.world.pair(issue.wanted).leaf == issue.old?.chain.leaf)
    }
  }

  @Test("A certificate with a name too many is refused, and no file is made")
  func extraName() async throws {
    var options = StepCAServer.Options()
    options.template = #"""
      {"subject": {{ toJson .Subject }},
       "sans": [{"type": "dns", "value": "nginx.internal.example"}, {"type": "dns", "value": "evil.example"}],
       "keyUsage": ["digitalSignature"], "extKeyUsage": ["serverAuth", "clientAuth"]}
      """#
    try await CertificateWorld.lend(options) { world, authority in
      let failure = try await world.failure(
        world.certificates(), world.desired(world.wanted("nginx.internal.example", names: [])))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("evil.example"))
      #expect(authority.posts == ["POST /sign 201"])
      #expect(world.guest.directory.allFiles().isEmpty)
    }
  }
}
