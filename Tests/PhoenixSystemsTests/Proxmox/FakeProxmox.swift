import PhoenixCore
import PhoenixNetwork

@testable import PhoenixSystems

/// Proxmox's API with guests' firewalls in memory. The real protocol is tried against fakepve in the lab; this
/// one can fail on purpose.
final class FakeProxmox: Sendable {
  struct State {
    var guests: [Int: Proxmox.ListedGuest] = [:]
    /// Guests that exist and that the token may not see.
    var hidden: Set<Int> = []
    var firewalls: [Int: SimulatedFirewall] = [:]
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
    }
  }

  func live(_ vmid: Int) -> Proxmox.LiveFirewall? { with { $0.firewalls[vmid]?.live } }

  var writes: [String] { server.requests.filter { !$0.hasPrefix("GET") } }

  var access: Proxmox.Access {
    Proxmox.Access(
      endpoints: [server.endpoint], node: "pve1", certificateAuthorityFile: nil, tokenCredential: "token")
  }

  func system(
    token: String = "root@pam!test=canary", limits: Proxmox.Limits = Proxmox.Limits()
  ) -> Proxmox {
    Proxmox(
      client: HTTPClient(),
      keys: Proxmox.Keys(token: { _ in Secret(token) }, trust: { _ in TLSTrust(rootsPEM: "") }),
      limits: limits)
  }

  private static func answer(
    _ request: LoopbackServer.Request, _ state: inout State
  ) -> LoopbackServer.Reply {
    let parts = request.path.split(separator: "/").dropFirst(2).map(String.init)
    switch (request.method, parts) {
    case ("GET", ["cluster", "resources"]):
      return data(
        list(
          state.guests.sorted { $0.key < $1.key }.map { vmid, guest in
            #"{"vmid":\#(vmid),"type":"\#(guest.kind.rawValue)","node":"\#(guest.node)","name":"\#(guest.name)","#
              + #""status":"\#(guest.status)","id":"x/\#(vmid)"}"#
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
    case (let method, _) where parts.count >= 5 && parts[0] == "nodes":
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
    case ("GET", ["config"]):
      return data(
        #"{"net0":"virtio=BC:24:11:00:10:01,bridge=vmbr0,firewall=1","net1":"virtio=x,bridge=vmbr1"}"#)
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
