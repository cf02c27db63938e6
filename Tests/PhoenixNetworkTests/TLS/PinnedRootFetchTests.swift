import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PinnedRootFetchTests {
  @Test func bringsThePinnedRootFromAServerNobodyTrustsYet() async throws {
    let pki = try await TestPKI.shared
    let pin = pki.root.certificate.sha256
    try await TestServer.with(.init(identity: pki.server, rootAnswer: pki.root.certificate.pem)) { server in
      let client = HTTPClient()
      let root = try await PinnedRootFetch.fetch(from: server.base, sha256: pin.uppercased(), client: client)
      #expect(root == pki.root.certificate)
      // The exception ends with the request: nothing later rides on its connection.
      let stranger = TLSTrust(rootsPEM: pki.strangerRoot.certificate.pem)
      let error = await transportError { try await client.send(server.get("/echo"), trust: stranger) }
      #expect(error?.isTLS == true)
      let later = try await client.send(server.get("/echo"), trust: TLSTrust(rootsPEM: root.pem))
      #expect(later.status == 200)
    }
  }

  @Test func anotherRootIsRefused() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server, rootAnswer: pki.strangerRoot.certificate.pem)) {
      server in
      let error = await transportError {
        try await PinnedRootFetch.fetch(
          from: server.base, sha256: pki.root.certificate.sha256, client: HTTPClient())
      }
      #expect(error?.kind == .tls("wrong root"))
      #expect(error?.text.contains(pki.strangerRoot.certificate.sha256) == true)
    }
  }

  @Test func aBundleIsRefusedEvenWhenThePinnedRootIsInIt() async throws {
    let pki = try await TestPKI.shared
    let both = pki.root.certificate.pem + pki.strangerRoot.certificate.pem
    try await TestServer.with(.init(identity: pki.server, rootAnswer: both)) { server in
      let error = await transportError {
        try await PinnedRootFetch.fetch(
          from: server.base, sha256: pki.root.certificate.sha256, client: HTTPClient())
      }
      #expect(error?.kind == .tls("no certificate"))
    }
  }

  @Test func noSuchRootSaysSo() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      let error = await transportError {
        try await PinnedRootFetch.fetch(
          from: server.base + "/", sha256: pki.root.certificate.sha256, client: HTTPClient())
      }
      #expect(error?.kind == .tls("no such root"))
    }
  }

  @Test(arguments: [
    "", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 63), "../../x",
  ])
  func refusesWhatIsNoFingerprint(pin: String) async {
    let error = await transportError {
      try await PinnedRootFetch.fetch(from: "https://127.0.0.1:1", sha256: pin, client: HTTPClient())
    }
    #expect(error?.kind == .invalidRequest)
  }
}
