import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What managers answer that is no good")
struct SwarmAnswerTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let path: String
    let reply: LoopbackServer.Reply
    let words: String
  }

  static let leaderless =
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are "
    + "online. Make sure more than half of the managers are online."
  static let worker =
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state."

  static let cases = [
    Case(testDescription: "garbage", path: "nodes", reply: .json(200, "<html>"), words: "JSON from Docker"),
    Case(testDescription: "nothing", path: "nodes", reply: .json(200, ""), words: "JSON from Docker"),
    Case(testDescription: "no list", path: "nodes", reply: .json(200, "{}"), words: "a list of nodes"),
    Case(
      testDescription: "a node without a state", path: "nodes",
      reply: .json(200, #"[{"ID": "x", "Spec": {"Role": "worker", "Availability": "active"}}]"#),
      words: "a node with ID"),
    Case(
      testDescription: "a service without a name", path: "services", reply: .json(200, #"[{"ID": "x"}]"#),
      words: "a service with ID and name"),
    Case(
      testDescription: "ports that are none", path: "services",
      reply: .json(200, #"[{"ID": "x", "Spec": {"Name": "y"}, "Endpoint": {"Ports": 5}}]"#),
      words: "a list of ports"),
    Case(
      testDescription: "a port without a target", path: "services",
      reply: .json(
        200, #"[{"ID": "x", "Spec": {"Name": "y"}, "Endpoint": {"Ports": [{"TargetPort": "x"}]}}]"#),
      words: "a port with its target"),
    Case(testDescription: "no tasks", path: "tasks", reply: .json(200, "null"), words: "a list of tasks"),
    Case(
      testDescription: "a task without a state", path: "tasks", reply: .json(200, #"[{"ID": "x"}]"#),
      words: "a task with its state"),
    Case(
      testDescription: "half a body", path: "tasks",
      reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{"), words: "read the tasks"),
    Case(
      testDescription: "more than fits", path: "nodes",
      reply: .json(200, "[" + String(repeating: " ", count: 5 << 20) + "]"), words: "read the nodes"),
    Case(
      testDescription: "400", path: "services", reply: .json(400, #"{"message":"invalid filter\n 'x'"}"#),
      words: "invalid filter 'x' (status 400)"),
  ]

  @Test(
    "A part that cannot be read is unreadable, and takes nothing with it that does not need it",
    arguments: cases)
  func unreadablePart(testCase: Case) async throws {
    let fake = try FakeSwarm()
    fake.with { $0.answers[testCase.path] = testCase.reply }
    let look = await fake.look()
    let servers = try #require(look.servers(FakeSwarm.echo, 8080)?.unreadableReason)
    #expect(servers.contains(testCase.words), "\(servers)")
    #expect((look.nodes[1001]?.unreadableReason == nil) == (testCase.path != "nodes"))
    #expect((look.services[FakeSwarm.echo]?.unreadableReason == nil) == (testCase.path == "nodes"))
    #expect(Swarm.health(of: look) == .partly(servers))
    #expect(look.words == [])
  }

  @Test(
    "Without a leader, and from a worker, nothing is known and the reason is told",
    arguments: [
      (500, leaderless, "more than half"), (503, leaderless, "more than half"),
      (503, worker, "must name managers"),
    ])
  func noSwarm(status: Int, message: String, hint: String) async throws {
    let fake = try FakeSwarm()
    for path in ["nodes", "services", "tasks"] {
      fake.answer(path, status, #"{"message":"\#(message)"}"#)
    }
    let look = await fake.look()
    guard case .unreadable(let reason) = Swarm.health(of: look) else {
      Issue.record("readable")
      return
    }
    #expect(reason.contains(message.prefix(100)) && reason.contains("(status \(status))"), "\(reason)")
    #expect(reason.contains(hint), "\(reason)")
    #expect(look.words == [])
    #expect(look.servers(FakeSwarm.echo, 8080) == .unreadable(reason))
    let desired = FakeSwarm.desired(fake.server.endpoint)
    #expect(Swarm.ready(Swarm.nodeResource(1001), desired: desired, observed: look) == .unreadable(reason))
  }

  @Test("Another manager is asked when one tells less, and stays the first; the best of bad answers counts")
  func failOver() async throws {
    let dead = try LoopbackServer { _ in .raw("") }
    defer { dead.stop() }
    let (leaderless, half, whole) = (try FakeSwarm(), try FakeSwarm(), try FakeSwarm())
    for path in ["nodes", "services", "tasks"] {
      leaderless.answer(path, 500, #"{"message":"\#(Self.leaderless)"}"#)
    }
    half.answer("services", 200, "{")
    var desired = FakeSwarm.desired(
      dead.endpoint, leaderless.server.endpoint, half.server.endpoint, whole.server.endpoint)
    let system = FakeSwarm.system()
    let look = await system.observe(.everything, desired: desired)
    #expect(look.manager == .known(whole.server.endpoint))
    #expect(Swarm.health(of: look) == .readable)
    let asked = dead.requests.count
    _ = await system.observe(.everything, desired: desired)
    #expect(dead.requests.count == asked)
    #expect(whole.asked.filter { $0 == "nodes" }.count == 2)

    desired.managers.removeLast()
    let partly = await FakeSwarm.system().observe(.everything, desired: desired)
    #expect(partly.manager == .known(half.server.endpoint))
    #expect(partly.nodes[1001]?.value != nil && partly.services[FakeSwarm.echo]?.unreadableReason != nil)

    desired.managers.removeLast()
    let none = await FakeSwarm.system().observe(.everything, desired: desired)
    let reason = try #require(none.manager.unreadableReason)
    // The dead one tells less than the one that knows why.
    #expect(
      reason.contains("does not have a leader") && reason.contains("none of 1 other managers"), "\(reason)")
  }

  @Test("A certificate that is not there yet makes it unreadable, and nobody is asked")
  func noCertificate() async throws {
    let fake = try FakeSwarm()
    let missing = Failure(.transient, doing: "read the certificate", got: "it was not issued yet")
    let system = Swarm(client: HTTPClient(), identity: { _ throws(Failure) in throw missing })
    let look = await system.observe(.everything, desired: FakeSwarm.desired(fake.server.endpoint))
    #expect(Swarm.health(of: look) == .unreadable(missing.description))
    #expect(fake.asked.isEmpty)
    var desired = FakeSwarm.desired(fake.server.endpoint)
    desired.certificate = nil
    let unnamed = await system.observe(.everything, desired: desired)
    #expect(unnamed.manager.unreadableReason?.contains("no certificate to show") == true)
  }

  @Test("Without the word of failed tasks the rest is told")
  func noHistory() async throws {
    let fake = try FakeSwarm()
    fake.answer("tasks", 200, "[]")
    fake.answer("history", 500, "")
    let look = await fake.look()
    #expect(look.words.count == 2)
    #expect(look.words.allSatisfy { $0.hasPrefix("swarm/service/") && $0.contains(": 0 of 1 tasks of ") })
  }

  @Test(
    "Answers with bytes changed, cut or doubled are read or refused, and never more",
    arguments: 0..<200 as Range<UInt64>)
  func mangled(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for name in ["nodes", "services", "tasks"] {
      var bytes = Array(FakeSwarm.recorded(name).utf8)
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
        }
        if bytes.isEmpty { bytes = [0x5B, 0x5D] }
      }
      guard let root = JSONText.parse(bytes, file: name).root else { continue }
      var live = LiveSwarm(unreadable: "not asked")
      live.nodes = (try? Swarm.nodes(root)).map { .known($0) } ?? .unreadable("no nodes")
      live.services = (try? Swarm.services(root)).map { .known($0) } ?? .unreadable("no services")
      live.tasks = (try? Swarm.tasks(root)).map { .known($0) } ?? .unreadable("no tasks")
      let observed = live.observed(FakeSwarm.desired("https://m"), from: "https://m")
      #expect(observed.nodes.count == 2 && observed.services.count == 2 && observed.servers.count == 2)
    }
  }
}
