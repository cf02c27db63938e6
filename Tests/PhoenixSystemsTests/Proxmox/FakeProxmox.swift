import PhoenixCore
import PhoenixNetwork

@testable import PhoenixSystems

/// Proxmox's API with guests and their firewalls in memory. The real protocol is tried against fakepve in the lab; this
/// one can fail on purpose.
final class FakeProxmox: Sendable {
  struct State {
    var guests: [Int: Proxmox.ListedGuest] = [:]
    /// Guests that exist and that the token may not see.
    var hidden: Set<Int> = []
    var firewalls: [Int: SimulatedFirewall] = [:]
    var configurations: [Int: SimulatedGuest] = [:]
    /// How tasks end; one that never does is `running`.
    var exit = "OK"
    /// How many requests about a task find it still running.
    var taskRounds = 0
    /// The tasks that were begun.
    var tasks: [String] = []
    /// What was asked of clones.
    var cloneForms: [[String: String]] = []
    /// What a clone that is under way will be, once its task has ended.
    var clones: [(vmid: Int, guest: SimulatedGuest)] = []
    /// Whether disks can be shared by clones.
    var canLink = true
    /// Whether the answer to what begins a task is lost.
    var losesAnswers = false
    var groups: [String: [Proxmox.Rule]] = [:]
    var datacenter = Proxmox.Datacenter(isEnabled: true)
    var datacenterRules: [Proxmox.Rule] = []
    /// Called before each request; a reply goes out instead of the real one.
    var fault: @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply? = { _ in nil }
    /// Called before each write, as somebody else who writes at the same time.
    var intruder: @Sendable (inout SimulatedFirewall) -> Void = { _ in }
    /// What is kept instead of an inserted rule.
    var mangle: @Sendable (Proxmox.Rule) -> Proxmox.Rule = { $0 }
  }

  let state: Holder
  let server: LoopbackServer

  final class Holder: Sendable {
    let mutex = Lock(State())
  }

  init() throws {
    let state = Holder()
    self.state = state
    server = try LoopbackServer { request in
      state.mutex.withLock { state in
        if let reply = state.fault(request) { return reply }
        guard request.headers["authorization"] == "PVEAPIToken=root@pam!test=canary" else {
          return .json(401, #"{"data":null,"message":"authentication failure\n"}"#)
        }
        return Self.answer(request, &state)
      }
    }
  }

  deinit { server.stop() }

  func with<Value>(_ change: (inout State) -> Value) -> Value { state.mutex.withLock { change(&$0) } }

  /// Adds a running guest with a firewall.
  func add(
    _ vmid: Int, kind: Proxmox.GuestKind = .machine, node: String = "pve1", _ firewall: Proxmox.LiveFirewall
  ) {
    with { state in
      state.guests[vmid] = Proxmox.ListedGuest(kind: kind, node: node, name: "g\(vmid)", status: "running")
      state.firewalls[vmid] = SimulatedFirewall(firewall)
      state.configurations[vmid] = SimulatedGuest(
        kind,
        Proxmox.GuestConfiguration(current: [
          "net0": "virtio=BC:24:11:00:10:01,bridge=vmbr0,firewall=1", "net1": "virtio=x,bridge=vmbr1",
        ]))
    }
  }

  /// Adds a guest with a configuration.
  func add(_ vmid: Int, _ guest: SimulatedGuest) {
    add(vmid, kind: guest.kind, Fixture.live())
    with { $0.configurations[vmid] = guest }
  }

  func guest(_ vmid: Int) -> SimulatedGuest? { with { $0.configurations[vmid] } }

  func live(_ vmid: Int) -> Proxmox.LiveFirewall? { with { $0.firewalls[vmid]?.live } }

  var writes: [String] { server.requests.filter { !$0.hasPrefix("GET") } }

  var access: Proxmox.Access {
    Proxmox.Access(
      endpoints: [server.endpoint], node: "pve1", certificateAuthorityFile: nil, tokenCredential: "token")
  }

  func system(
    token: String = "root@pam!test=canary", limits: Proxmox.Limits = Proxmox.Limits(),
    stateDirectory: String = "/nonexistent"
  ) -> Proxmox {
    Proxmox(
      client: HTTPClient(),
      keys: Proxmox.Keys(token: { _ in Secret(token) }, trust: { _ in TLSTrust(rootsPEM: "") }),
      stateDirectory: stateDirectory, limits: limits)
  }

  private static func answer(
    _ request: LoopbackServer.Request, _ state: inout State
  ) -> LoopbackServer.Reply {
    let parts = request.path.split(separator: "/").dropFirst(2).map(String.init)
    switch (request.method, parts) {
    case ("GET", ["cluster", "resources"]):
      return data(
        list(
          state.guests.sorted { $0.key < $1.key }.map { vmid, guest -> String in
            let status = state.configurations[vmid]?.status ?? guest.status
            return
              #"{"vmid":\#(vmid),"type":"\#(guest.kind.rawValue)","node":"\#(guest.node)","name":"\#(guest.name)","#
              + #""status":"\#(status)","id":"x/\#(vmid)"}"#
          }))
    case ("GET", ["cluster", "nextid"]):
      let vmid = request.query["vmid"].flatMap { Int($0) } ?? 0
      guard state.guests[vmid] != nil || state.hidden.contains(vmid) else { return data("\"\(vmid)\"") }
      return .json(
        400,
        #"{"data":null,"message":"Parameter verification failed.\n","errors":{"vmid":"VM \#(vmid) already exists"}}"#
      )
    case ("GET", ["cluster", "firewall", "options"]):
      let options = state.datacenter
      return data(
        #"{"enable":\#(options.isEnabled ? 1 : 0),"policy_in":"\#(options.policyIn.rawValue)","#
          + #""policy_out":"\#(options.policyOut.rawValue)","digest":"d"}"#)
    case ("GET", ["cluster", "firewall", "rules"]): return data(rules(state.datacenterRules, digest: "c"))
    case ("GET", _) where parts.starts(with: ["cluster", "firewall", "groups"]):
      guard let rules = state.groups[parts[3]] else { return refusal("no such security group '\(parts[3])'") }
      return data(self.rules(rules, digest: "g"))
    case ("GET", ["nodes", "pve1", "tasks"]):
      return data(
        list(
          state.tasks.filter { $0.contains(":\(request.query["typefilter"] ?? ""):") }.map {
            #"{"upid":"\#($0)"}"#
          }))
    case ("GET", _) where parts.count == 5 && parts[2] == "tasks":
      if state.taskRounds > 0 || state.exit == "running" {
        state.taskRounds -= 1
        return data(#"{"status":"running"}"#)
      }
      settle(&state)
      return data(#"{"status":"stopped","exitstatus":"\#(state.exit)"}"#)
    case (let method, _) where parts.count >= 4 && parts[0] == "nodes":
      return guest(method, Int(parts[3]) ?? 0, Array(parts[4...]), request, &state)
    default: return .json(501, #"{"data":null,"message":"not implemented"}"#)
    }
  }

  private static func guest(
    _ method: String, _ vmid: Int, _ rest: [String], _ request: LoopbackServer.Request, _ state: inout State
  ) -> LoopbackServer.Reply {
    guard var firewall = state.firewalls[vmid] else {
      return refusal("Configuration file 'nodes/pve1/qemu-server/\(vmid).conf' does not exist")
    }
    let live = firewall.live
    switch (method, rest) {
    case ("POST", ["clone"]): return clone(vmid, request.form, &state)
    case ("DELETE", []):
      guard state.configurations[vmid]?.status == "stopped" else {
        return refusal("guest \(vmid) is running")
      }
      state.guests[vmid] = nil
      state.firewalls[vmid] = nil
      state.configurations[vmid] = nil
      return data("\"UPID:pve1:0003A1B2:00C0FFEE:65000000:destroy:\(vmid):x:\"")
    case (_, _) where ["config", "pending", "resize", "status"].contains(rest.first):
      guard var guest = state.configurations[vmid] else { return refusal("no such guest") }
      do throws(SimulatedGuest.Refusal) {
        let reply = try configure(
          &guest, method, rest, request, writes: state.exit == "OK" || state.exit.hasPrefix("W"))
        state.configurations[vmid] = guest
        return reply
      } catch { return refusal(error.text) }
    case ("GET", ["firewall", "options"]):
      var members = [#""digest":"\#(live.optionsDigest ?? "")""#]
      if live.options.isEnabled { members.append(#""enable":1"#) }
      if let policy = live.options.policyIn { members.append(#""policy_in":"\#(policy.rawValue)""#) }
      if let policy = live.options.policyOut { members.append(#""policy_out":"\#(policy.rawValue)""#) }
      return data("{" + members.joined(separator: ",") + "}")
    case ("GET", ["firewall", "rules"]): return data(rules(live.rules, digest: live.rulesDigest ?? ""))
    default: break
    }
    state.intruder(&firewall)
    do throws(SimulatedFirewall.Refusal) {
      try write(method, rest, request, &firewall, state.mangle)
    } catch {
      state.firewalls[vmid] = firewall
      return refusal(
        error == .digestDiffers
          ? "detected modified configuration - file changed by other user? Try again."
          : "no rule at position 9")
    }
    state.firewalls[vmid] = firewall
    return data("null")
  }

  private static func clone(
    _ source: Int, _ form: [String: String], _ state: inout State
  ) -> LoopbackServer.Reply {
    state.cloneForms.append(form)
    guard let origin = state.configurations[source], let vmid = form["newid"].flatMap({ Int($0) }) else {
      return refusal("no such guest")
    }
    guard state.guests[vmid] == nil, !state.clones.contains(where: { $0.vmid == vmid }) else {
      return refusal("unable to create CT \(vmid): config file already exists")
    }
    if form["full"] == "0", !state.canLink {
      return refusal("Linked clone feature is not supported for drive 'scsi0'")
    }
    var live = origin.configuration
    live.current["template"] = nil
    live.current[origin.kind == .container ? "hostname" : "name"] = form["hostname"] ?? form["name"]
    for (key, value) in live.current where key.hasPrefix("net") {
      live.current[key] = value.replacing("BC:24:11:00:09:00", with: "BC:24:11:AA:00:01")
    }
    if let disk = live.systemDisk(origin.kind), let storage = form["storage"] {
      live.current[disk] = "\(storage):disk-\(vmid),size=\(live.parts(disk)["size"] ?? "1G")"
    }
    state.clones.append((vmid, SimulatedGuest(origin.kind, live, status: "stopped")))
    let id =
      "UPID:pve1:0003A1B2:00C0FFEE:65000000:\(origin.kind == .container ? "vzclone" : "qmclone"):\(source):x:"
    state.tasks.append(id)
    return state.losesAnswers ? .raw("") : data("\"\(id)\"")
  }

  /// The end of what is under way.
  private static func settle(_ state: inout State) {
    for (vmid, guest) in state.clones where state.exit == "OK" || state.exit.hasPrefix("W") {
      state.guests[vmid] = Proxmox.ListedGuest(
        kind: guest.kind, node: "pve1", name: "clone", status: "stopped")
      state.firewalls[vmid] = SimulatedFirewall(Fixture.live())
      state.configurations[vmid] = guest
    }
    state.clones = []
  }

  /// A task that fails has changed nothing.
  private static func configure(
    _ guest: inout SimulatedGuest, _ method: String, _ rest: [String], _ request: LoopbackServer.Request,
    writes: Bool
  ) throws(SimulatedGuest.Refusal) -> LoopbackServer.Reply {
    let task = data("\"UPID:pve1:0003A1B2:00C0FFEE:65000000:task:1:root@pam:\"")
    switch (method, rest) {
    case ("GET", ["config"]): return data(#"{"digest":"\#(guest.digest)"}"#)
    case ("GET", ["pending"]): return data(guest.pendingJSON)
    case ("GET", ["status", "current"]):
      return data(#"{"status":"\#(guest.status)","uptime":\#(guest.uptime)}"#)
    case ("PUT", ["config"]):
      var fields: [String: String?] = request.form
      fields["digest"] = nil
      try guest.write(fields, digest: request.form["digest"])
      return data("null")
    case ("PUT", ["resize"]):
      if writes { try guest.resize(request.form["disk"] ?? "", request.form["size"] ?? "") }
      return task
    case ("POST", ["status", "start"]):
      if writes { try guest.start() }
      return task
    case ("POST", ["status", "shutdown"]):
      if writes { guest.stop() }
      return task
    case ("POST", ["status", "reboot"]):
      if writes { try guest.reboot() }
      return task
    default: throw SimulatedGuest.Refusal(text: "not implemented")
    }
  }

  private static func write(
    _ method: String, _ rest: [String], _ request: LoopbackServer.Request,
    _ firewall: inout SimulatedFirewall,
    _ mangle: (Proxmox.Rule) -> Proxmox.Rule
  ) throws(SimulatedFirewall.Refusal) {
    let form = request.form
    let digest = request.query["digest"] ?? form["digest"]
    switch (method, rest.count > 2 ? Int(rest[2]) : nil) {
    case ("POST", nil):
      let rule = Proxmox.Rule(
        form["type"] ?? "", form["action"] ?? "", form["proto"], ports: form["dport"], source: form["source"],
        destination: form["dest"], comment: form["comment"], isEnabled: form["enable"] == "1")
      firewall.insert(mangle(rule))
    case ("PUT", nil):
      try firewall.setOptions(digest: digest) { options in
        if let enable = form["enable"] { options.isEnabled = enable == "1" }
        if let policy = form["policy_in"] { options.policyIn = .init(rawValue: policy) }
        if let policy = form["policy_out"] { options.policyOut = .init(rawValue: policy) }
      }
    case ("PUT", let position?):
      try firewall.update(position, digest: digest) { rule in
        if let enable = form["enable"] { rule.isEnabled = enable == "1" }
        if let comment = form["comment"] { rule.comment = comment }
      }
    case ("DELETE", let position?): try firewall.delete(position, digest: digest)
    default: break
    }
  }

  private static func rules(_ rules: [Proxmox.Rule], digest: String) -> String {
    list(
      rules.enumerated().map { index, rule in
        let match = rule.match
        let texts = [
          ("type", match.type), ("action", match.action), ("proto", match.transport), ("dport", match.ports),
          ("source", match.source), ("dest", match.destination), ("comment", rule.comment),
          ("digest", digest),
        ]
        let members = texts.compactMap { name, value in value.map { #""\#(name)":"\#($0)""# } }
        return "{"
          + (members + [#""pos":\#(index)"#, #""enable":\#(rule.isEnabled ? 1 : 0)"#])
          .joined(separator: ",") + "}"
      })
  }

  private static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }
  private static func data(_ text: String) -> LoopbackServer.Reply { .json(200, #"{"data":\#(text)}"#) }
  private static func refusal(_ text: String) -> LoopbackServer.Reply {
    .json(500, #"{"data":null,"message":"\#(text)\n"}"#)
  }
}
