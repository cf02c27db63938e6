import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("When Proxmox fails")
struct ProxmoxFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let path: String
    let reply: LoopbackServer.Reply
    let words: String
  }

  static let rulesPath = "/api2/json/nodes/pve1/qemu/1001/firewall/rules"

  static let cases = [
    Case(
      testDescription: "garbage", path: rulesPath, reply: .json(200, "<html>"), words: "JSON from Proxmox"),
    Case(
      testDescription: "an empty body", path: rulesPath, reply: .json(200, ""), words: "JSON from Proxmox"),
    Case(testDescription: "no data", path: rulesPath, reply: .json(200, "{}"), words: "a list of rules"),
    Case(
      testDescription: "no list", path: rulesPath, reply: .json(200, #"{"data":{"a":1}}"#),
      words: "a list of rules"),
    Case(
      testDescription: "rules out of order", path: rulesPath,
      reply: .json(200, #"{"data":[{"pos":1,"type":"in","action":"DROP"}]}"#),
      words: "order of their positions"),
    Case(
      testDescription: "half a body", path: rulesPath,
      reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"data\":["),
      words: "firewall rules of guest 1001"),
    Case(
      testDescription: "no answer", path: rulesPath, reply: .raw(""), words: "firewall rules of guest 1001"),
    Case(testDescription: "no HTTP", path: rulesPath, reply: .raw("SSH-2.0-x\r\n"), words: "firewall rules"),
    Case(
      testDescription: "500 with a text", path: rulesPath,
      reply: .json(500, #"{"data":null,"message":"cluster not ready - no quorum?\n"}"#), words: "no quorum"),
    Case(testDescription: "596", path: rulesPath, reply: .json(596, ""), words: "596"),
    Case(
      testDescription: "403", path: "/api2/json/nodes/pve1/qemu/1001/firewall/options",
      reply: .json(403, #"{"data":null,"message":"Permission check failed (/vms/1001, VM.Audit)\n"}"#),
      words: "VM.Audit on /vms/1001"),
    Case(
      testDescription: "an unknown policy", path: "/api2/json/nodes/pve1/qemu/1001/firewall/options",
      reply: .json(200, #"{"data":{"enable":1,"policy_in":"MAYBE"}}"#), words: "policy_in"),
  ]

  @Test(
    "A firewall that cannot be read is unreadable, is not changed, and takes nothing with it",
    arguments: cases)
  func unreadable(testCase: Case) async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.open2375]))
    fake.add(1002, Fixture.live([Fixture.open2375]))
    fake.with { $0.fault = { $0.path == testCase.path ? testCase.reply : nil } }
    var desired = Fixture.desired(access: fake.access)
    desired.firewalls[1002] = Fixture.firewall()
    let observed = await fake.system().observe(.everything, desired: desired)
    let reason = try #require(observed.firewalls[1001]?.unreadableReason)
    #expect(reason.contains(testCase.words), "\(reason)")
    let changes = Proxmox.diff(
      desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0))
    #expect(changes.map(\.resource.name) == ["1002"])
    #expect(Proxmox.ready(Fixture.resource, desired: desired, observed: observed) == .unreadable(reason))
    guard case .partly = Proxmox.health(of: observed) else { Issue.record("not told in the health"); return }
  }

  @Test("Without a list of guests the whole of Proxmox is unreadable")
  func noList() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.open2375]))
    let desired = Fixture.desired(access: fake.access)
    let wrongToken = await fake.system(token: "root@pam!test=wrong").observe(.everything, desired: desired)
    guard case .unreadable(let reason) = Proxmox.health(of: wrongToken) else {
      Issue.record("readable")
      return
    }
    #expect(reason.contains("401"))
    #expect(reason.contains("check the credential"))
    #expect(!reason.contains("wrong"))
    #expect(wrongToken.firewalls[1001]?.unreadableReason != nil)
    #expect(fake.writes.isEmpty)
  }

  @Test("A missing token or root says what to set, and Proxmox is not asked")
  func missingKeys() async throws {
    let fake = try FakeProxmox()
    let desired = Fixture.desired(access: fake.access)
    let missing = Failure(
      .permanent, doing: "read the credential 'token'", got: "it does not exist", hint: "set it")
    let keys = Proxmox.Keys(
      token: { _ throws(Failure) in throw missing }, trust: { _ in TLSTrust(rootsPEM: "") })
    let observed = await Proxmox(client: HTTPClient(), keys: keys, stateDirectory: "/nonexistent").observe(
      .everything, desired: desired)
    #expect(Proxmox.health(of: observed) == .unreadable(missing.description))
    #expect(fake.server.requests.isEmpty)
    let noRoot = Proxmox.Keys(
      token: { _ in Secret("t") },
      trust: { _ throws(Failure) in throw Failure(.permanent, doing: "read", got: "it does not exist") })
    let untrusting = await Proxmox(client: HTTPClient(), keys: noRoot, stateDirectory: "/nonexistent")
      .observe(.everything, desired: desired)
    #expect(untrusting.guests.unreadableReason?.contains("proxmox.ca_file") == true)
    var nowhere = desired
    nowhere.access.endpoints = []
    let unset = await fake.system().observe(.everything, desired: nowhere)
    guard case .unreadable(let reason) = Proxmox.health(of: unset) else {
      Issue.record("readable")
      return
    }
    #expect(reason.contains("proxmox.endpoints"))
  }

  @Test("Reads go to the next endpoint, and stay with the one that answers; a write is not repeated blindly")
  func endpoints() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.open2375] + Fixture.rules))
    let broken = try LoopbackServer { _ in .raw("") }
    defer { broken.stop() }
    var access = fake.access
    access.endpoints.insert(broken.endpoint, at: 0)
    let desired = Fixture.desired(access: access)
    let proxmox = fake.system()
    let observed = await proxmox.observe(.everything, desired: desired)
    #expect(Proxmox.health(of: observed) == .readable)
    let asked = broken.requests.count
    _ = await proxmox.observe(.everything, desired: desired)
    #expect(broken.requests.count == asked)

    fake.with { $0.fault = { $0.method == "DELETE" ? .raw("") : nil } }
    let change = Change(Fixture.resource, .update, reason: "test")
    let failure = await #expect(throws: Failure.self) {
      try await proxmox.apply(change, desired: desired, observed: observed, facts: Facts())
    }
    #expect(failure?.persistence == .transient)
    #expect(failure?.endpoint == Proxmox.route(Fixture.resource, desired: desired).endpoint)
    #expect(!broken.requests.contains { $0.hasPrefix("DELETE") })
  }

  @Test("A node that does not answer is not waited for with each of its guests, and hides no other")
  func silentNode() async throws {
    let fake = try FakeProxmox()
    var desired = Fixture.desired(access: fake.access)
    for vmid in 1001...1040 {
      fake.add(vmid, node: vmid % 2 == 0 ? "pve2" : "pve1", Fixture.live())
      desired.firewalls[vmid] = Fixture.firewall()
    }
    fake.with { $0.fault = { $0.path.contains("/nodes/pve2/") ? .silence : nil } }
    var limits = Proxmox.Limits()
    limits.read = .seconds(3)
    let proxmox = fake.system(limits: limits)
    let observed = await proxmox.observe(.everything, desired: desired)
    for (vmid, reading) in observed.firewalls {
      #expect((reading.value != nil) == (vmid % 2 == 1), "\(vmid): \(reading)")
    }
    #expect(fake.server.requests.filter { $0.contains("/nodes/pve2/") }.count <= proxmox.width)
  }

  @Test("A look that has no time left says what it did not come to")
  func noTimeLeft() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live())
    var limits = Proxmox.Limits()
    limits.look = .zero
    let desired = Fixture.desired(access: fake.access)
    let observed = await fake.system(limits: limits).observe(.everything, desired: desired)
    #expect(observed.guests.unreadableReason?.contains("too slowly") == true)
    #expect(fake.server.requests.isEmpty)
    #expect(Proxmox.findings(desired: desired, observed: observed).map(\.severity) == [.warning])
  }

  @Test("A cancelled look ends at once")
  func cancelled() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live())
    let isAsked = WriteCount()
    fake.with {
      $0.fault = { request in
        guard request.path == Self.rulesPath else { return nil }
        isAsked.add()
        return .silence
      }
    }
    let desired = Fixture.desired(access: fake.access)
    let proxmox = fake.system()
    let look = Task { await proxmox.observe(.everything, desired: desired) }
    for _ in 0..<2000 where isAsked.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
    look.cancel()
    let observed = await look.value
    #expect(observed.firewalls[1001]?.unreadableReason != nil)
  }

  static let answers: [(Int, String, Failure.Persistence, String?)] = [
    (500, "detected modified configuration - file changed by other user? Try again.", .conflict, nil),
    (500, "checksum mismatch (file change by other user?)", .conflict, nil),
    (500, "no rule at position 4", .conflict, nil),
    (500, "Configuration file 'nodes/pve1/qemu-server/1001.conf' does not exist", .conflict, nil),
    (500, "can't lock file '/var/lock/x' - got timeout", .conflict, "tried again"),
    (500, "VM is locked (backup)", .conflict, "tried again"),
    (500, "", .transient, nil),
    (502, "", .transient, nil), (595, "No route to host", .transient, nil), (596, "", .transient, nil),
    (599, "", .transient, nil),
    (400, "Parameter verification failed.; dport: invalid port 'x'", .permanent, nil),
    (401, "authentication failure", .permanent, "credential"),
    (403, "Permission check failed", .permanent, "VM.Config.Network on /vms/1001"),
    (501, "Method not implemented", .permanent, nil),
  ]

  @Test("An answer is judged by its status and its text", arguments: answers)
  func classification(status: Int, message: String, persistence: Failure.Persistence, hint: String?) {
    let guest = Proxmox.ListedGuest(kind: .machine, node: "pve1", name: "g", status: "running")
    let request = Proxmox.API.Request.write(.delete(0), 1001, guest, seen: Fixture.live())
    let failure = Failure.proxmox(status: status, message: message, request: request, endpoint: "https://e")
    #expect(failure.persistence == persistence)
    #expect(failure.doing == "remove rule 0 'in ACCEPT tcp 9443 from 10.0.0.0/24' (firewall of guest 1001)")
    #expect(failure.got.contains("\(status)"))
    #expect((failure.endpoint != nil) == (persistence == .transient))
    if let hint { #expect(failure.hint?.contains(hint) == true) }
  }
}
