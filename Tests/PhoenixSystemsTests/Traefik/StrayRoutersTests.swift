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

  static let streams: [(String, String?)] = [
    (
      #"{"name": "a@swarm", "provider": "swarm", "using": ["mesh"], "rule": "HostSNI(`*`)"}"#,
      "the TCP router a@swarm takes whoever connects without TLS at the entry point mesh"
    ),
    (
      #"{"name": "a@swarm", "provider": "swarm", "using": ["web", "websecure"], "tls": {"passthrough": true}}"#,
      "the TCP router a@swarm takes TLS that Traefik does not look into at the entry point websecure"
    ),
    (
      #"{"name": "a@swarm", "provider": "swarm", "using": ["mesh"], "tls": {"options": "open@file"}}"#,
      "the TCP router a@swarm takes TLS with its own options, open@file at the entry point mesh"
    ),
    (#"{"name": "a@swarm", "provider": "swarm", "using": ["mesh"], "tls": {"passthrough": false}}"#, nil),
    (#"{"name": "a@swarm", "provider": "swarm", "using": ["postgres"]}"#, nil),
    (#"{"name": "a@internal", "provider": "internal", "using": ["mesh"]}"#, nil),
  ]

  @Test("Routers of TCP at our entry points that ask for no client certificate", arguments: streams)
  func streamTroubles(router: String, words: String?) throws {
    let decoded = try JSONDecoder().decode(TraefikAPI.Router.self, from: Data(router.utf8))
    let troubles = StrayRouters(routers: [], streams: [decoded]).troubles
    #expect(troubles.count == (words == nil ? 0 : 1))
    if let words { #expect(troubles.first?.hasPrefix(words) == true, "\(troubles)") }
  }

  @Test("Whoever takes requests for a declared name is told; the declared router is not")
  func claims() throws {
    let declared = Traefik.Router(
      name: "echo", provider: "swarm", rule: "Host(`echo.internal.example`)", entryPoints: [],
      service: "echo@file", host: "echo.internal.example", path: "/", swarmService: "production_echo")
    func troubles(_ name: String, _ rule: String) -> [String] {
      StrayRouters(
        routers: [TraefikAPI.Router(name: name, rule: rule, provider: "swarm")], declared: [declared]
      ).troubles
    }
    #expect(troubles("echo@swarm", declared.rule).isEmpty)
    let part = TraefikAPI.Router(
      name: "mesh-echo@swarm", rule: declared.rule, using: ["mesh"], provider: "swarm")
    #expect(StrayRouters(routers: [part], declared: [declared]).troubles.isEmpty)
    #expect(
      troubles("evil@swarm", "Host(`ECHO.internal.example`) && PathPrefix(`/a`)") == [
        "the router evil@swarm, which no file declares, takes requests for echo.internal.example, too"
      ])
    #expect(troubles("other@swarm", "Host(`other.internal.example`)").isEmpty)
  }

  @Test(
    "A rule leaves a name alone only where each alternative names others",
    arguments: [
      ("Host(`other.example`)", false), ("Host(`a.example`, `b.example`)", false),
      ("Host(`echo.example`)", true),
      ("Host(\"echo.example\")", true), ("Host(`other.example`) || PathPrefix(`/`)", true),
      ("Host(`other.example`) && PathPrefix(`/a`)", false), ("PathPrefix(`/`)", true),
      ("ClientIP(`0.0.0.0/0`)", true),
      ("HostRegexp(`^echo[.]`)", true), ("!Host(`other.example`)", true), ("Host(`a`, `Echo.Example`)", true),
      ("", true), ("Host(`echo.example.`)", true), ("Host(`other.example.`)", false),
      ("Host(\"\\x65cho.example\")", true), ("Host(\"other.example\")", false),
      ("PathPrefix(`/host(x)`)", true), ("PathPrefix(`/||Host(`)", true), ("Host(`other.example", true),
      ("XHost(`other.example`)", true), ("Host ( `other.example` ) && Path(`/!`)", false), ("Host()", true),
      ("PathPrefix(`/`) && (Host(`other.example`) || Method(`GET`))", true),
      ("PathPrefix(`/`) /* && Host(`other.example`) */", true),
      ("PathPrefix(`/`) // && Host(`other.example`)", true),
      ("Host(`echo.\rexample`)", true), ("Host(`other.example`) == x", true),
      ("(Host(`other.example`))", false),
    ])
  func rules(rule: String, takes: Bool) {
    #expect(RouterRule(rule).mayTake("echo.example") == takes)
  }

  @Test("Each is told with its name", arguments: cases)
  func troubles(router: String, words: String?) throws {
    let decoded = try JSONDecoder().decode(TraefikAPI.Router.self, from: Data(router.utf8))
    let troubles = StrayRouters(routers: [decoded]).troubles
    #expect(troubles.count == (words == nil ? 0 : 1))
    if let words { #expect(troubles.first?.hasPrefix(words) == true, "\(troubles)") }
  }
}
