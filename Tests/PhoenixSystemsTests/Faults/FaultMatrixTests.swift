import PhoenixCore
import Testing

@testable import PhoenixSystems

/// What the way to each server can do, what phoenixd shows and wants then, and that it recovers by itself.
@Suite(
  "When the way to a server fails", .enabled(if: Programs.exist("python3", "openssl")),
  .timeLimit(.minutes(5)))
struct FaultMatrixTests {
  enum Fault: String, Sendable, CaseIterable {
    case refuse, hang
    case slow = "slow=10"
    case status500, garbage, half
    case wrongCA = "wrong-ca"
    case expired, reset
  }

  enum Subject: String, Sendable, CaseIterable {
    case stepCA = "Step-CA"
    case proxmox = "Proxmox"
    case docker = "Docker"
    case traefik = "Traefik"

    func stand() async throws -> FaultStand {
      switch self {
      case .stepCA: try await .stepCA()
      case .proxmox: try await .proxmox()
      case .docker: try await .docker()
      case .traefik: try await .traefik()
      }
    }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let subject: Subject
    let fault: Fault
    /// What people read: what was being done, and one of the ways to say what came.
    let text: (doing: String, came: [String])
    /// What is wanted nevertheless: whoever answers in Traefik's place, or nobody, is seen without its help, and
    /// Traefik is told to take its certificate up again.
    var wanted: [String] {
      switch (subject, fault) {
      case (.traefik, .refuse), (.traefik, .reset), (.traefik, .status500), (.traefik, .garbage),
        (.traefik, .wrongCA), (.traefik, .expired):
        ["traefik/served/traefik.internal.example"]
      default: []
      }
    }
    var testDescription: String { "\(subject.rawValue), \(fault.rawValue)" }
  }

  static let doing: [Subject: String] = [
    .stepCA: "ask Step-CA for its health", .proxmox: "list the guests", .docker: "for the version of its API",
    .traefik: "read Traefik's middlewares",
  ]

  static let cases = Subject.allCases.flatMap { subject in
    Fault.allCases.map { fault in
      let text =
        switch (fault, subject) {
        case (.refuse, _): "Failed to connect"
        case (.hang, _), (.slow, _): "within 2.0 seconds"
        case (.status500, _): "status 500"
        case (.garbage, .docker): "an Api-Version"
        case (.garbage, .proxmox): "JSON from Proxmox"
        case (.garbage, .stepCA): "an answer that is not Step-CA's"
        case (.garbage, .traefik): "an answer that is not Traefik's"
        // By the version of HTTP that server and client agreed upon.
        case (.half, _): "not closed cleanly|Empty reply"
        case (.wrongCA, _): "certificate"
        case (.expired, _): "expired"
        case (.reset, _): "reset"
        }
      return Case(
        subject: subject, fault: fault,
        text: (doing[subject] ?? "", text.split(separator: "|").map(String.init)))
    }
  }

  @Test("It is unreadable, with the reason; nothing is wanted; and it recovers", arguments: cases)
  func fault(testCase: Case) async throws {
    let stand = try await testCase.subject.stand()
    var look = await stand.look()
    func isWell() async -> Bool {
      look = await stand.look()
      return look.health == .readable && look.changes.isEmpty
    }
    #expect(await eventually(isWell), "not well before the fault: \(look)")
    try stand.proxy.set(testCase.fault.rawValue)
    func isToldAsExpected() -> Bool {
      guard case .unreadable(let reason) = look.readiness else { return false }
      return reason.contains(testCase.text.doing) && testCase.text.came.contains(where: reason.contains)
    }
    // Refusing takes the proxy a moment: it stops listening.
    for _ in 0..<20 {
      look = await stand.look()
      if isToldAsExpected() { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(isToldAsExpected(), "\(look.readiness)")
    #expect(look.health != .readable)
    #expect(look.changes.map(\.resource.description) == testCase.wanted)
    #expect(look.changes.allSatisfy { $0.risk == .safe })
    // Traefik is also asked, without a certificate, whether it lets just anybody in: whom it is does not matter there.
    #expect(
      testCase.subject == .traefik || !stand.proxy.log.contains { $0.hasSuffix("accepted") },
      "a certificate that must not be trusted was")
    try stand.proxy.set("pass")
    #expect(await eventually(isWell), "not well after it: \(look)")
  }
}
