import PhoenixCore
import Testing

/// What Nginx, Traefik, the Docker API and the swarm have in common.
@Suite struct GatewayInventoryTests {
  @Test func theExamplesHostsAndDoors() throws {
    var texts: [ConfigurationPart: String] = [:]
    for part in ConfigurationPart.allCases {
      texts[part] = String(decoding: try Texts.source("etc/phoenix/\(part.fileName)"), as: UTF8.self)
    }
    let inventory = try Texts.load(texts).inventory
    #expect(
      inventory.gatewayHosts.map(\.name) == [
        "nginx.internal.example", "portainer-agent.internal.example", "portainer.internal.example",
        "qdrant.internal.example",
      ])
    let route = try #require(inventory.stackRoutes.first)
    #expect(route.name == "qdrant" && route.port == 6333 && route.entryPoints == ["mesh"])
    #expect(route.swarmService == "production_qdrant_service_qdrant")
    #expect(inventory.ownCertificate?.name == "phoenix-client.internal.example")
    #expect(
      inventory.clients(of: .dockerAPI).map(\.name) == [
        "phoenix-client.internal.example", "portainer-client.internal.example",
        "traefik-client.internal.example",
      ])
    #expect(
      inventory.clients(of: .traefik).map(\.address) == ["10.0.0.153", "10.0.0.13"])
    #expect(
      inventory.admissions(of: "traefik-client.internal.example") == [
        .admitted("traefik-client.internal.example", at: .dockerAPI, guest: 1001)
      ])
    #expect(inventory.admissions(of: "phoenix-client.internal.example").count == 2)
    #expect(inventory.admissions(of: "nginx.internal.example").isEmpty)
  }

  @Test(arguments: [
    ("Host(`a.example`)", ["a.example"]),
    ("Host(`A.example`) || Host(`b.example`)", ["a.example", "b.example"]),
    ("Host(`a.example`, `b.example`) && PathPrefix(`/x`)", ["a.example", "b.example"]),
    ("PathPrefix(`/`)", []),
    ("Host(", []), ("Host(`a.example", ["a.example"]), ("Host(`no name`)", []),
  ]) func hostsOfARule(rule: String, hosts: [String]) {
    let route = StackRoute(
      name: "r", stack: StackReference(name: "s"), service: "x", rule: rule,
      location: Location(file: "f", line: 1, column: 1))
    #expect(route.hosts == hosts)
  }

  @Test func labelsThatSayNothingAreNoRoutes() throws {
    let inventory = try Texts.load([
      .stacks: """
      {"docker_stacks": {"s": {"environments": {"production": {"services": {"x": {"traefik_labels": [
        "traefik.enable=true", "traefik.http.routers.b.entrypoints=web, mesh", "traefik.http.routers.a",
        "traefik.http.routers.b.rule=Host(`b.example`)", "traefik.http.routers.c.entrypoints=web",
        "traefik.http.services.b.loadbalancer.server.port=99999"]}}}}}}}
      """,
      .machines: #"{"vms": [{"vmid": 1001, "name": "m", "docker_stacks": ["s"]}]}"#,
    ]).inventory
    #expect(inventory.stackRoutes.map(\.name) == ["b"])
    #expect(inventory.stackRoutes.first?.entryPoints == ["web", "mesh"])
    #expect(inventory.stackRoutes.first?.port == nil)
    #expect(inventory.ownCertificate == nil)
  }
}
