import Testing

@testable import PhoenixCore

@Suite("Whose failure it is")
struct RouteTests {
  @Test(
    "A guest that does not take a certificate is no failure of its authority",
    arguments: [
      ("https://10.0.0.10:9000", "https://10.0.0.10:9000", true),
      ("https://10.0.0.10:9000", "https://10.0.0.10:9000/", true),
      ("https://10.0.0.10:9000", "ssh://root@10.0.0.153", false),
      ("ssh://root@10.0.0.153", "ssh://root@10.0.0.153:2222", true), ("proxmox", "proxmox", true),
      ("proxmox", "nginx", false),
    ])
  func concerned(route: String, failed: String, isConcerned: Bool) {
    #expect(Route(lane: "l", endpoint: route).isConcerned(by: failed) == isConcerned)
  }

  @Test("What needs nothing of an endpoint that is left alone goes on")
  func selfContained() {
    let one = ResourceID(.certificates, "certificate", "a")
    var input = PlannerInput(now: Moment(wall: WallTime(seconds: 1), boot: BootTime(milliseconds: 1)))
    input.health = [.certificates: .readable]
    input.route = { _ in Route(lane: "l", endpoint: "e") }
    input.openCircuits = ["e"]
    input.changes = [Change(one, .update, reason: "its files are not as declared", isSelfContained: true)]
    #expect(Planner.plan(input).actions.map(\.resource) == [one])
    input.changes = [Change(one, .update, reason: "its renewal is due")]
    #expect(Planner.plan(input).held.map(\.cause) == [.circuit])
  }
}
