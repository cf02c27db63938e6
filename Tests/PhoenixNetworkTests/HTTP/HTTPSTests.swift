import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPSTests {
  @Test func trustsWhatTheRootSigned() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      let answer = try await HTTPClient().send(server.get("/echo"), trust: pki.trust)
      #expect(answer.status == 200)
    }
  }

  enum Distrust: String, CaseIterable, Sendable {
    case expired, wrongName, selfSigned, stranger
  }

  @Test(arguments: Distrust.allCases)
  func refusesWhatIsNotToBeTrusted(distrust: Distrust) async throws {
    let pki = try await TestPKI.shared
    let identity =
      switch distrust {
      case .expired: pki.expired
      case .wrongName: pki.wrongName
      case .selfSigned: pki.selfSigned
      case .stranger: pki.stranger
      }
    try await TestServer.with(.init(identity: identity)) { server in
      let error = await transportError { try await HTTPClient().send(server.get("/echo"), trust: pki.trust) }
      #expect(error?.isTLS == true, "\(error.map(\.text) ?? "")")
    }
  }

  /// The name is asked for and verified, wherever the connection goes.
  @Test func anotherPeerThanTheAddressNames() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      let peer = try #require(HostAndPort("127.0.0.1:\(server.port)"))
      func ask(_ host: String) async throws(TransportError) -> Int {
        let request = HTTPRequest(.get, "https://\(host)/echo", label: "test", connectingTo: peer)
        return try await HTTPClient().send(request, trust: pki.trust).status
      }
      #expect(try await ask("server.internal.example") == 200)
      #expect(try await ask("server.internal.example:1") == 200)
      #expect(await transportError { try await ask("other.internal.example") }?.isTLS == true)
    }
  }

  @Test func withoutRootsNobodyIsTrusted() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      let error = await transportError { try await HTTPClient().send(server.get("/echo")) }
      #expect(error?.isTLS == true)
      let empty = await transportError {
        try await HTTPClient().send(server.get("/echo"), trust: TLSTrust(rootsPEM: ""))
      }
      #expect(empty?.isTLS == true)
    }
  }

  @Test func aConnectionIsNotReusedForAnotherTrust() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      let client = HTTPClient()
      let answer = try await client.send(server.get("/echo"), trust: pki.trust)
      #expect(answer.status == 200)
      let other = TLSTrust(rootsPEM: pki.strangerRoot.certificate.pem)
      let error = await transportError { try await client.send(server.get("/echo"), trust: other) }
      #expect(error?.isTLS == true)
      let again = try await client.send(server.get("/echo"), trust: pki.trust)
      #expect(again.status == 200)
    }
  }

  @Test(arguments: [false, true])
  func showsItsIdentityToAServerThatAsks(tls12Only: Bool) async throws {
    let pki = try await TestPKI.shared
    let options = TestServer.Options(
      identity: pki.server, clientAuthority: pki.root.certificate.pem, tls12Only: tls12Only)
    try await TestServer.with(options) { server in
      let client = HTTPClient()
      let answer = try await client.send(server.get("/echo"), trust: pki.trust, identity: pki.client)
      #expect(answer.status == 200)
      // Under TLS 1.3 the refusal may also be seen as a broken connection.
      let nobody = await transportError { try await client.send(server.get("/echo"), trust: pki.trust) }
      #expect(nobody?.isTLS == true || nobody?.kind == .reset)
      let stranger = await transportError {
        try await client.send(server.get("/echo"), trust: pki.trust, identity: pki.stranger)
      }
      #expect(stranger?.isTLS == true || stranger?.kind == .reset)
    }
  }

  @Test func aKeyOfAnotherCertificateIsAnErrorWithoutTheKey() async throws {
    let pki = try await TestPKI.shared
    let mixed = TLSIdentity(certificateChainPEM: pki.client.certificateChainPEM, keyPEM: pki.server.keyPEM)
    try await TestServer.with(.init(identity: pki.server)) { server in
      let error = await transportError {
        try await HTTPClient().send(server.get("/echo"), trust: pki.trust, identity: mixed)
      }
      #expect(error?.isTLS == true)
      #expect(error?.text.contains("PRIVATE") == false)
    }
  }

  @Test func plainHTTPOnATLSPortIsNoAnswer() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with { server in
      let request = HTTPRequest(
        .get, "https://127.0.0.1:\(server.port)/", timeout: .seconds(2), label: "test")
      let error = await transportError { try await HTTPClient().send(request, trust: pki.trust) }
      #expect(error != nil)
    }
  }
}
