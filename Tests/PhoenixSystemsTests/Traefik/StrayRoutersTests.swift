import FoundationEssentials
import Testing

@testable import PhoenixSystems

@Suite("Routers that open what should be closed")
struct StrayRoutersTests {
  static let cases: [(String, String?)] = [
    (#"{"name": "echo@swarm", "service": "echo@file", "provider": "swarm", "tls": {}}"#, nil),
    (#"{"name": "echo@swarm", "provider": "swarm", "tls": {"options": "default"}}"#, nil),
    (
      #"{"name": "echo@swarm", "provider": "swarm", "tls": {"options": "open@file"}}"#,
      "the router echo@swarm has TLS options of its own, open@file: whoever"
    ),
    (
      #"{"name": "x@swarm", "provider": "swarm", "service": "api@internal"}"#,
      "the router x@swarm leads to api@internal: Traefik's own pages"
    ),
    (
      #"{"name": "x@file", "provider": "file", "service": "dashboard@internal"}"#,
      "the router x@file leads to dashboard@internal"
    ),
    (#"{"name": "phoenix-api@file", "provider": "file", "service": "api@internal"}"#, nil),
    (
      #"{"name": "phoenix-api@swarm", "provider": "swarm", "service": "api@internal"}"#,
      "the router phoenix-api@swarm leads to api@internal"
    ),
    (
      #"{"name": "web-to-websecure@internal", "provider": "internal", "service": "noop@internal"}"#, nil
    ),
  ]

  @Test("Each is told with its name", arguments: cases)
  func troubles(router: String, words: String?) throws {
    let decoded = try JSONDecoder().decode(TraefikAPI.Router.self, from: Data(router.utf8))
    let troubles = StrayRouters(routers: [decoded]).troubles
    #expect(troubles.count == (words == nil ? 0 : 1))
    if let words { #expect(troubles.first?.hasPrefix(words) == true, "\(troubles)") }
  }
}
