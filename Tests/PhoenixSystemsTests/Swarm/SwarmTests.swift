import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What the swarm is taken for")
struct SwarmTests {
  @Test("The example's nodes and services are declared, and its manager speaks HTTPS")
  func example() {
    let directory = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let loaded = ConfigurationLoader.load(directory: "\(directory)/etc/phoenix")
    let compiled = Swarm.compile(loaded.inventory, loaded.nodes)
    #expect(
      compiled.resources.map(\.id.description) == [
        "swarm/node/1001", "swarm/node/1002", "swarm/service/\(FakeSwarm.echo)",
        "swarm/service/\(FakeSwarm.qdrant)",
      ])
    #expect(compiled.resources.allSatisfy { $0.location != nil })
    #expect(compiled.desired.managers == ["https://10.0.0.111:2376"])
    #expect(compiled.desired.certificate == "phoenix-client.internal.example")
    #expect(
      compiled.desired.services[FakeSwarm.echo] == Swarm.DesiredService(routers: ["echo"], ports: [8080]))
    #expect(compiled.findings.isEmpty)
  }

  @Test("A swarm without a known manager is told where it is declared, and unreadable")
  func noManager() async {
    var inventory = Inventory()
    var guest = Guest(id: 7, name: "g", kind: .machine, location: Location(file: "f", line: 2, column: 3))
    guest.interfaces = [GuestInterface(name: "eth0", block: "10.0.0.7/24")]
    guest.swarmRole = .worker
    inventory.guests = [guest]
    let compiled = Swarm.compile(inventory, ConfigurationNodes())
    #expect(compiled.findings.map(\.location) == [guest.location])
    let look = await FakeSwarm.system().observe(.everything, desired: compiled.desired)
    #expect(look.nodes[7]?.unreadableReason?.contains("docker.managers") == true)
    let nothing = await FakeSwarm.system().observe(.everything, desired: Swarm.Desired())
    #expect(Swarm.health(of: nothing) == .readable)
  }

  @Test("As it should be: ready, nothing to tell, four requests, all answers used")
  func right() async throws {
    let fake = try FakeSwarm()
    let look = await fake.look()
    #expect(Swarm.health(of: look) == .readable)
    #expect(look.words == [])
    let desired = FakeSwarm.desired(fake.server.endpoint)
    for resource in [
      Swarm.nodeResource(1001), Swarm.nodeResource(1002), Swarm.serviceResource(FakeSwarm.echo),
    ] {
      #expect(Swarm.ready(resource, desired: desired, observed: look) == .ready)
    }
    #expect(look.nodes[1001]?.value?.role == "manager")
    #expect(fake.asked.sorted() == ["_ping", "nodes", "services", "tasks"])
    // One task in host mode; in ingress mode every node answers, wherever the task is.
    #expect(look.servers(FakeSwarm.echo, 8080) == .known(.list(["10.0.0.111:8080"])))
    #expect(look.servers(FakeSwarm.qdrant, 6333) == .known(.list(["10.0.0.102:6333", "10.0.0.111:6333"])))
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let edit: @Sendable (FakeSwarm) -> Void
    let words: [String]
    var echo: Reading<FactValue> = .known(.list(["10.0.0.111:8080"]))
    /// Whether the resource that the words are about is ready all the same.
    var isReady = false
  }

  private static let worker = "swarm/node/1002: drphoenix (1002)"
  private static let service = "swarm/service/\(FakeSwarm.echo)"

  static let cases = [
    Case(
      testDescription: "a node is missing", edit: { $0.edit("nodes", ("10.0.0.102", "10.0.0.103")) },
      words: ["\(worker) is not in the swarm: no node has the address 10.0.0.102 or 10.0.1.102"]),
    Case(
      testDescription: "a node has no address yet",
      edit: { $0.edit("nodes", (#""ready", "Addr": "10.0.0.102""#, #""unknown", "Addr": """#)) },
      words: ["\(worker) is not in the swarm: no node has the address 10.0.0.102 or 10.0.1.102"]),
    Case(
      testDescription: "a node is down",
      edit: {
        $0.edit(
          "nodes",
          (
            #""ready", "Addr": "10.0.0.102""#,
            #""down", "Message": "heartbeat failure", "Addr": "10.0.1.102""#
          ))
      }, words: ["\(worker) is down: heartbeat failure, so it takes no tasks"]),
    Case(
      testDescription: "a node is drained",
      edit: {
        $0.edit("nodes", (#""worker", "Availability": "active""#, #""worker", "Availability": "drain""#))
      },
      words: ["\(worker) is drained, so it takes no tasks"]),
    Case(
      testDescription: "a node has another role", edit: { $0.edit("nodes", (#""worker""#, #""manager""#)) },
      words: ["\(worker) is a manager of the swarm and a worker in the files"], isReady: true),
    Case(
      testDescription: "a service is not deployed", edit: { $0.edit("services", (FakeSwarm.echo, "echo")) },
      words: ["\(service): \(FakeSwarm.echo) is not deployed, so the route echo leads nowhere"], echo: .absent
    ),
    Case(
      testDescription: "the port is not published",
      edit: { $0.edit("services", (#""TargetPort": 8080"#, #""TargetPort": 8081"#)) },
      words: [
        "\(service): \(FakeSwarm.echo) publishes no port for 8080, which the route echo needs: the gateway cannot "
          + "reach it"
      ], echo: .known(.list([])), isReady: true),
    Case(
      testDescription: "no task runs",
      edit: {
        $0.edit(
          "tasks",
          (
            #""running", "Message": "started", "ContainerStatus": {"ContainerID": "f0e1"#,
            #""rejected", "ContainerStatus": {"ContainerID": "f0e1"#
          ))
      },
      words: [
        "\(service): 0 of 1 tasks of \(FakeSwarm.echo) run; the last one that failed says: No such image: echo:lab"
      ], echo: .known(.list([]))),
    Case(
      testDescription: "fewer tasks run than should",
      edit: { $0.edit("services", (#""RunningTasks": 1, "DesiredTasks": 1"#, #""DesiredTasks": 3"#)) },
      words: [
        "\(service): 1 of 3 tasks of \(FakeSwarm.echo) run; the last one that failed says: No such image: echo:lab",
        "swarm/service/\(FakeSwarm.qdrant): 1 of 3 tasks of \(FakeSwarm.qdrant) run",
      ], isReady: true),
  ]

  @Test("What is not as declared is told in words, and is not ready", arguments: cases)
  func findings(testCase: Case) async throws {
    let fake = try FakeSwarm()
    testCase.edit(fake)
    let look = await fake.look()
    #expect(look.words == testCase.words)
    #expect(Swarm.health(of: look) == .readable)
    #expect(look.servers(FakeSwarm.echo, 8080) == testCase.echo)
    let desired = FakeSwarm.desired(fake.server.endpoint)
    let findings = Swarm.findings(desired: desired, observed: look)
    for finding in findings {
      #expect(finding.severity == .warning && finding.hint?.isEmpty == false)
      let resource = try #require(finding.resource)
      let isReady = Swarm.ready(resource, desired: desired, observed: look) == .ready
      #expect(isReady == testCase.isReady, "\(resource)")
    }
  }

  @Test("What the managers will see to by themselves is looked at again soon")
  func inMotion() {
    func isInMotion(_ running: Int, of wanted: Int, node: String = "ready") -> Bool {
      Swarm.isInMotion(
        desired: Swarm.Desired(),
        observed: Swarm.Observed(
          nodes: [1001: .known(Swarm.NodeState(role: "manager", availability: "active", state: node))],
          services: ["a": .known(Swarm.ServiceState(running: running, wanted: wanted)), "b": .absent]))
    }
    #expect(!isInMotion(1, of: 1) && !isInMotion(0, of: 0) && !isInMotion(2, of: 1))
    #expect(isInMotion(0, of: 1) && isInMotion(1, of: 2) && isInMotion(1, of: 1, node: "down"))
  }

  @Test("A port that Docker chose is read from the task, a node that came back counts once, a down one never")
  func servers() async throws {
    let fake = try FakeSwarm()
    fake.edit("services", (#""TargetPort": 8080, "PublishedPort": 8080"#, #""TargetPort": 8080"#))
    fake.edit(
      "tasks", (#""TargetPort": 8080, "PublishedPort": 8080"#, #""TargetPort": 8080, "PublishedPort": 32768"#)
    )
    #expect(await fake.look().servers(FakeSwarm.echo, 8080) == .known(.list(["10.0.0.111:32768"])))

    let returned = try FakeSwarm()
    let old =
      #"[{"ID": "0old", "Spec": {"Role": "worker", "Availability": "active"}, "Status": {"State": "down", "Addr": "10.0.0.102"}},"#
    returned.answer("nodes", 200, old + FakeSwarm.recorded("nodes").dropFirst())
    let look = await returned.look()
    #expect(look.words == [])
    #expect(look.servers(FakeSwarm.qdrant, 6333) == .known(.list(["10.0.0.102:6333", "10.0.0.111:6333"])))
    returned.edit("nodes", (#""ready", "Addr": "10.0.0.102""#, #""down", "Addr": "10.0.0.102""#))
    #expect(await returned.look().servers(FakeSwarm.qdrant, 6333) == .known(.list(["10.0.0.111:6333"])))
  }

  @Test("A node of which a new leader has not heard yet keeps its servers")
  func unknownNode() async throws {
    let fake = try FakeSwarm()
    fake.edit("nodes", (#""ready""#, #""unknown""#))
    let look = await fake.look()
    #expect(look.words.count == 2)
    #expect(look.servers(FakeSwarm.echo, 8080) == .known(.list(["10.0.0.111:8080"])))
  }

  @Test("A server is named by the address at which its guest is reached, IPv6 in brackets")
  func addresses() async throws {
    let fake = try FakeSwarm()
    fake.edit("nodes", ("10.0.0.102", "10.0.1.102"), ("10.0.0.111:2377", "[fd00::6f]:2377"))
    let look = await fake.look()
    #expect(look.servers(FakeSwarm.qdrant, 6333) == .known(.list(["10.0.0.102:6333", "[fd00::6f]:6333"])))
  }

  @Test("The newest version that both know is spoken", arguments: ["1.41", "1.43", "1.47", "1.52"])
  func version(theirs: String) async throws {
    let fake = try FakeSwarm()
    fake.with { $0.version = theirs }
    #expect(Swarm.health(of: await fake.look()) == .readable)
    let spoken = theirs == "1.52" ? "1.47" : theirs
    #expect(fake.server.requests.contains("GET /v\(spoken)/nodes"))
  }

  @Test(
    "Versions too old, missing or senseless make it unreadable",
    arguments: ["1.40", nil, "2.0", "x", "1.41.2"])
  func badVersion(theirs: String?) async throws {
    let fake = try FakeSwarm()
    fake.with { $0.version = theirs }
    let look = await fake.look()
    guard case .unreadable(let reason) = Swarm.health(of: look) else {
      Issue.record("readable")
      return
    }
    #expect(reason.contains(theirs == "1.40" ? "1.41 or newer" : "Api-Version"))
    #expect(fake.asked == ["_ping"])
  }

  @Test("A look that is cancelled ends at once")
  func cancelled() async throws {
    let fake = try FakeSwarm()
    fake.with { $0.answers["nodes"] = .silence }
    let look = Task { await fake.look() }
    #expect(await eventually { fake.asked.contains("nodes") })
    look.cancel()
    #expect(await look.value.nodes[1001]?.unreadableReason != nil)
  }
}
