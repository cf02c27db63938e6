import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What is wrong with a router")
struct RouterJudgementTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let live: String
    var services =
      #"[{"name": "echo@file", "status": "enabled", "loadBalancer": {"servers": [{"url": "http://10.0.0.111:8080"}]}}]"#
    var servers = ["10.0.0.111:8080"]
    var answer: Result<TraefikAPI.Answer, TransportError>? = .success(
      TraefikAPI.Answer(status: 200, isRouted: true))
    /// What the first trouble says; nil for none.
    let trouble: String?
    var hint: String?
  }

  private static let right =
    #"{"name": "echo@swarm", "rule": "Host(`echo.internal.example`)", "service": "echo@file", "using": ["mesh"], "status": "enabled"}"#

  private static func changed(_ from: String, _ to: String) -> String {
    "[" + right.split(separator: from, omittingEmptySubsequences: false).joined(separator: to) + "]"
  }

  /// As Traefik takes a router of two entry points apart.
  private static func parts(_ second: String) -> String {
    func part(_ entryPoint: String) -> String {
      right.replacing("mesh", with: entryPoint).replacing("echo@swarm", with: "\(entryPoint)-echo@swarm")
    }
    return "[\(part("mesh")),\(part("websecure").replacing("enabled", with: second))]"
  }

  static let cases = [
    Case(testDescription: "nothing", live: "[\(right)]", trouble: nil),
    Case(testDescription: "nothing, in two parts", live: parts("enabled"), trouble: nil),
    Case(
      testDescription: "one part of two disabled", live: parts("disabled"),
      trouble: "Traefik says of it: disabled"),
    Case(
      testDescription: "another service", live: changed("echo@file", "echo"), trouble: "leads to echo@swarm",
      hint: "traefik.http.routers.echo.service=echo@file"),
    Case(
      testDescription: "another rule", live: changed("echo.internal", "other.internal"),
      trouble: "its rule is",
      hint: "rule=Host(`echo.internal.example`)"),
    Case(
      testDescription: "another entry point", live: changed("mesh", "web"),
      trouble: "not at the entry point mesh, but at web", hint: "entrypoints=mesh"),
    Case(
      testDescription: "disabled", live: changed("enabled", "disabled"),
      trouble: "Traefik says of it: disabled"),
    Case(
      testDescription: "not there, though the swarm runs it", live: "[]",
      trouble: "no router echo@swarm, although production_echo_echo runs at 10.0.0.111:8080",
      hint: "journalctl -u traefik"),
    Case(
      testDescription: "not there, and nobody runs it", live: "[]", servers: [], trouble: "no node is known",
      hint: "phoenix explain"),
    Case(
      testDescription: "no service", live: "[\(right)]", services: "[]", trouble: "has no service echo@file"),
    Case(
      testDescription: "other servers", live: "[\(right)]", servers: ["10.0.0.102:8080"],
      trouble: "its servers are http://10.0.0.111:8080"),
    Case(
      testDescription: "Traefik's own 404", live: "[\(right)]",
      answer: .success(TraefikAPI.Answer(status: 404, isRouted: false)), trouble: "no router took it"),
    Case(
      testDescription: "a 404 of the service's own", live: "[\(right)]",
      answer: .success(TraefikAPI.Answer(status: 404, isRouted: true)), trouble: nil),
    Case(
      testDescription: "a server that does not answer", live: "[\(right)]",
      answer: .success(TraefikAPI.Answer(status: 502, isRouted: true)), trouble: "answered 502"),
    Case(
      testDescription: "no answer", live: "[\(right)]",
      answer: .failure(TransportError(.timeout, "no answer in 10 s", endpoint: "")),
      trouble: "no answer in 10 s"),
  ]

  @Test("Each trouble is told with what to do", arguments: cases)
  func judged(_ example: Case) throws {
    let router = Traefik.Router(
      name: "echo", provider: "swarm", rule: "Host(`echo.internal.example`)", entryPoints: ["mesh"],
      service: "echo@file", host: "echo.internal.example", path: "/",
      swarmService: "production_echo_echo")
    let state = RouterJudgement(
      router: router, servers: example.servers,
      routers: try JSONDecoder().decode([TraefikAPI.Router].self, from: Data(example.live.utf8)),
      services: try JSONDecoder().decode([TraefikAPI.Service].self, from: Data(example.services.utf8)),
      answer: example.answer
    ).state
    guard let trouble = example.trouble else {
      #expect(state == Traefik.RouterState())
      return
    }
    #expect(state.troubles.contains { $0.contains(trouble) }, "\(state.troubles)")
    if let hint = example.hint { #expect(state.hint?.contains(hint) == true, "\(state.hint ?? "")") }
  }

  @Test("A guest's answer that cannot be understood is none")
  func garbage() throws {
    let proxy = try #require(LawExample.compile(Traefik.self).desired.proxy)
    let good =
      "active\0enabled\0{ path=/bin/traefik ; argv[]=/bin/traefik --configFile=/a ; ignore_errors=no ; }\0"
      + "traefik\n--configFile=/b\n\0/etc/traefik/traefik.yml\0a.yml\n\0ended\0-\0ended\0-\0end\0"
    let state = try #require(Traefik.parse(Array(good.utf8), proxy))
    #expect(state.others == ["a.yml"] && state.startedWith == "/a" && state.runsWith == "/b")
    for end in 0..<good.utf8.count { #expect(Traefik.parse(Array(good.utf8.prefix(end)), proxy) == nil) }
    #expect(Traefik.parse(Array("Welcome!\n\(good)".utf8), proxy)?.unit != "active")
    #expect(Traefik.parse(Array((good + good).utf8), proxy) == nil)
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      _ = Traefik.parse((0..<80).map { _ in [0, 45, 101, 255].pick(&generator) }, proxy)
      _ = DynamicFile.inputs(
        in: String(
          decoding: (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }, as: UTF8.self))
    }
  }
}
