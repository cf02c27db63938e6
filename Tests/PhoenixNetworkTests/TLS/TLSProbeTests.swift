import Glibc
import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TLSProbeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    enum Which: Sendable { case server, expired, selfSigned, stranger }
    let which: Which
    var serverName = "server.internal.example"
    /// A part of why it is not trusted; nil when it is.
    let distrust: String?
    var testDescription: String { "\(which) as \(serverName)" }
  }

  private func identity(_ which: Case.Which) async throws -> TLSIdentity {
    let pki = try await TestPKI.shared
    return switch which {
    case .server: pki.server
    case .expired: pki.expired
    case .selfSigned: pki.selfSigned
    case .stranger: pki.stranger
    }
  }

  private func target(_ port: UInt16, _ name: String = "localhost") -> TLSProbe.Target {
    TLSProbe.Target(address: "127.0.0.1", port: port, serverName: name)
  }

  @Test(arguments: [
    Case(which: .server, distrust: nil), Case(which: .server, serverName: "127.0.0.1", distrust: nil),
    Case(which: .server, serverName: "other.example", distrust: "hostname mismatch"),
    Case(which: .server, serverName: "10.0.0.1", distrust: "IP address mismatch"),
    Case(which: .expired, distrust: "expired"), Case(which: .selfSigned, distrust: "self-signed"),
    Case(which: .stranger, distrust: "certificate"),
  ])
  func seesTheLeafWhetherItIsTrustedOrNot(probe: Case) async throws {
    let pki = try await TestPKI.shared
    let identity = try await identity(probe.which)
    let expected = try CertificateChain(pem: identity.certificateChainPEM).leaf
    for tls12Only in [false, true] {
      try await TestServer.with(.init(identity: identity)) { server in
        let served = try await TLSProbe.handshake(
          target(server.port, probe.serverName), trust: pki.trust, tls12Only: tls12Only)
        #expect(served.chain.leaf == expected)
        #expect(served.refusal == nil)
        #expect(served.isGood == (probe.distrust == nil))
        if let distrust = probe.distrust { #expect(served.distrust?.contains(distrust) == true) }
      }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func saysWhenOurCertificateIsRefused(clientTLS12: Bool, serverTLS12: Bool) async throws {
    let pki = try await TestPKI.shared
    let options = TestServer.Options(
      identity: pki.server, clientAuthority: pki.root.certificate.pem, tls12Only: serverTLS12)
    try await TestServer.with(options) { server in
      for (identity, isTaken) in [(pki.client, true), (nil, false), (pki.stranger, false)] {
        let served = try await TLSProbe.handshake(
          target(server.port), trust: pki.trust, identity: identity, tls12Only: clientTLS12)
        #expect(served.distrust == nil)
        #expect((served.refusal == nil) == isTaken, "\(served.refusal ?? "taken")")
        #expect(served.chain.leaf.commonName == "server")
      }
    }
  }

  @Test func theOpensslProgramsServerIsSeenToo() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.withOpenSSL(pki.server) { port in
      let served = try await TLSProbe.handshake(target(port), trust: pki.trust)
      #expect(served.isGood)
      #expect(served.chain.intermediates.last?.commonName == "Test Intermediate")
    }
  }

  @Test func aClosedPortIsRefused() async throws {
    let (holder, port) = try RawSocket.closedPort()
    defer { close(holder) }
    let error = await transportError {
      try await TLSProbe.handshake(target(port), trust: TLSTrust(rootsPEM: ""))
    }
    #expect(error?.kind == .refused)
    #expect(error?.endpoint == "127.0.0.1:\(port)")
  }

  @Test func aServerThatSaysNothingTimesOut() async throws {
    let (listener, port) = try RawSocket.silentListener()
    defer { close(listener) }
    let error = await transportError {
      try await TLSProbe.handshake(target(port), trust: TLSTrust(rootsPEM: ""), timeout: .milliseconds(200))
    }
    #expect(error?.kind == .timeout)
  }

  @Test func cancellingWakesIt() async throws {
    let (listener, port) = try RawSocket.silentListener()
    defer { close(listener) }
    let task = Task {
      try await TLSProbe.handshake(target(port), trust: TLSTrust(rootsPEM: ""), timeout: .seconds(50))
    }
    try await Task.sleep(for: .milliseconds(100))
    let started = ContinuousClock.now
    task.cancel()
    let error = await transportError { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(.now - started < .seconds(10))
  }

  @Test func aServerWithoutTLSIsATLSError() async throws {
    try await TestServer.with { server in
      let error = await transportError {
        try await TLSProbe.handshake(target(server.port), trust: TLSTrust(rootsPEM: ""), timeout: .seconds(2))
      }
      #expect(error != nil)
    }
  }

  @Test(arguments: ["", "localhost", "300.0.0.1"]) func onlyAddressesAreConnectedTo(address: String)
    async throws
  {
    let error = await transportError {
      try await TLSProbe.handshake(
        TLSProbe.Target(address: address, port: 1, serverName: "x"), trust: TLSTrust(rootsPEM: ""))
    }
    #expect(error?.kind == .resolve)
  }

  @Test func manyAtOnceDoNotBlockTheRest() async throws {
    let pki = try await TestPKI.shared
    try await TestServer.with(.init(identity: pki.server)) { server in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<50 {
          group.addTask {
            let served = try await TLSProbe.handshake(
              target(server.port), trust: pki.trust, timeout: .seconds(30))
            return served.isGood
          }
        }
        for try await isGood in group { #expect(isGood) }
      }
    }
  }
}
