import PhoenixEngine
import PhoenixHost
import Testing

@testable import PhoenixCore

/// The example's site with the resources of the mission, one of each state.
struct GraphTests {
  private static let inventory: Inventory = {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return ConfigurationLoader.load(directory: "\(root)/etc/phoenix").inventory
  }()

  private static func certificate(_ name: String) -> ResourceID {
    ResourceID(.certificates, "certificate", "\(name).internal.example")
  }

  private static let declared: [DeclaredResource] = {
    let authority = ResourceID(.stepCA, "authority", "10.0.0.10")
    let gateway = ResourceID(.nginx, "gateway", "101")
    let dynamic = ResourceID(.traefik, "dynamic", "102")
    let service = ResourceID(.swarm, "service", "production_echo_echo")
    let proxy = ResourceID(.dockerAPI, "proxy", "1001")
    let certificates = [
      "nginx", "nginx-gateway-client", "traefik", "traefik-client", "docker-daemon", "phoenix-client",
    ]
    let server = ResourceID(.nginx, "served", "echo.internal.example")
    return [
      DeclaredResource(authority), DeclaredResource(gateway, requires: [certificate("nginx")]),
      DeclaredResource(server, requires: [gateway, certificate("nginx")]),
      DeclaredResource(dynamic, requires: [certificate("traefik-client"), certificate("traefik")]),
      DeclaredResource(ResourceID(.traefik, "router", "echo"), requires: [dynamic, service]),
      DeclaredResource(proxy, requires: [certificate("docker-daemon")]), DeclaredResource(service),
      DeclaredResource(ResourceID(.swarm, "node", "1001")),
      DeclaredResource(ResourceID(.swarm, "node", "1002")),
      DeclaredResource(ResourceID(.proxmox, "firewall", "1001")),
      DeclaredResource(ResourceID(.proxmox, "datacenter-firewall", "cluster")),
    ] + certificates.map { DeclaredResource(certificate($0), requires: [authority]) }
  }()

  /// One of each state, one that was not looked at yet, and one that the files do not declare any more.
  private static let status: StatusReport = {
    let states: [ResourceID: ResourceStatus.State] = [
      ResourceID(.nginx, "gateway", "101"): .drifted, ResourceID(.proxmox, "firewall", "1001"): .failed,
      ResourceID(.proxmox, "datacenter-firewall", "cluster"): .held, certificate("traefik"): .pending,
      ResourceID(.swarm, "node", "1002"): .unknown, ResourceID(.traefik, "router", "echo"): .suspended,
    ]
    let old = ResourceID(.dns, "record", #"ol"d#<b>.example"#)
    let known = declared.map(\.id).filter { $0.kind != "served" } + [old]
    return StatusReport(
      systems: [:],
      resources: known.map {
        ResourceStatus(resource: $0, state: states[$0] ?? .inSync, since: TextFixtures.since)
      },
      nextPass: nil)
  }()

  private static var graph: SiteGraph { SiteGraph(inventory, declared: declared, status: status) }

  @Test func mermaid() throws { try Golden.expect(MermaidText.render(Self.graph), "graph-mermaid") }

  @Test func dot() throws { try Golden.expect(DotText.render(Self.graph), "graph-dot") }

  @Test("Whatever order things come in, the picture is the same, and it survives JSON")
  func order() {
    let other = SiteGraph(Self.inventory, declared: Self.declared.reversed(), status: Self.status)
    #expect(other == Self.graph)
    #expect(WireJSON.decode(SiteGraph.self, from: WireJSON.encode(other)) == other)
  }

  @Test("Every arrow joins boxes that are there, and the way of a request is whole")
  func arrows() {
    let boxes = Self.graph.groups.flatMap(\.boxes)
    let names = boxes.map(\.id) + [SiteGraph.client.id]
    #expect(Set(names).count == names.count)
    #expect(Self.graph.arrows.allSatisfy { names.contains($0.from) && names.contains($0.to) })
    var place = SiteGraph.client.id
    var way: [String] = []
    while way.count < 10,
      let next = Self.graph.arrows.first(where: { $0.kind == .request && $0.from == place })
    {
      place = next.to
      way += boxes.filter { $0.id == place }.compactMap(\.lines.first)
    }
    #expect(way == ["Nginx-Phoenix", "Traefik-Internal", "swarm/service/production_echo_echo", "Portainer"])
  }

  @Test("Nothing declared is a picture all the same")
  func empty() {
    let graph = SiteGraph(
      Inventory(), declared: [], status: StatusReport(systems: [:], resources: [], nextPass: nil))
    #expect(graph.groups.map(\.id) == ["phoenix"])
    #expect(MermaidText.render(graph).hasPrefix("flowchart LR\n"))
    #expect(DotText.render(graph).hasSuffix("}\n"))
  }
}
