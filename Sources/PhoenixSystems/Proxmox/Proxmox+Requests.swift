import PhoenixCore
import PhoenixNetwork

/// What is asked of the API, and what the token needs for it.
extension Proxmox.API.Request {
  typealias Fields = [(name: String, value: String)]

  /// The guests that the token may see. Those without VM.Audit are left out of the answer without a word.
  static let guests = Self(
    .get, "/cluster/resources", fields: [("type", "vm")], doing: "list the guests",
    privilege: "VM.Audit on /vms")

  /// Whether a vmid is free, which Proxmox says whatever the token may see: 400 when it is not.
  static func isFree(_ vmid: Int) -> Self {
    Self(
      .get, "/cluster/nextid", fields: [("vmid", "\(vmid)")], doing: "ask whether guest \(vmid) exists",
      privilege: "any")
  }

  static let datacenter = Self(
    .get, "/cluster/firewall/options", doing: "read the datacenter firewall's options",
    privilege: "Sys.Audit on /")

  static let datacenterRules = Self(
    .get, "/cluster/firewall/rules", doing: "read the datacenter firewall's rules",
    privilege: "Sys.Audit on /")

  static func group(_ name: String) -> Self {
    Self(
      .get, "/cluster/firewall/groups/\(name)", doing: "read the security group \(name)",
      privilege: "Sys.Audit on /")
  }

  /// The configuration with what waits for a restart; it has no digest.
  static func pending(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .get, "\(path(vmid, guest))/pending", doing: "read the configuration of guest \(vmid)",
      privilege: "VM.Audit on /vms/\(vmid)")
  }

  static func options(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .get, "\(path(vmid, guest))/firewall/options", doing: "read the firewall options of guest \(vmid)",
      privilege: "VM.Audit on /vms/\(vmid)")
  }

  static func rules(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .get, "\(path(vmid, guest))/firewall/rules", doing: "read the firewall rules of guest \(vmid)",
      privilege: "VM.Audit on /vms/\(vmid)")
  }

  /// The write of a step that was decided from `live`. It names the digest of what was seen, so that Proxmox
  /// refuses it when somebody else wrote meanwhile; an insertion cannot, Proxmox compares none there.
  static func write(
    _ step: FirewallStep, _ vmid: Int, _ guest: Proxmox.ListedGuest, seen live: Proxmox.LiveFirewall
  ) -> Self {
    let base = "\(path(vmid, guest))/firewall"
    let rulesDigest = live.rulesDigest.map { [("digest", $0)] } ?? []
    let method: HTTPRequest.Method
    let path: String
    let fields: Fields
    switch step {
    case .insert(let rule):
      (method, path, fields) = (.post, "\(base)/rules", Self.fields(of: rule))
    case .enable(let index):
      (method, path, fields) = (.put, "\(base)/rules/\(index)", [("enable", "1")] + rulesDigest)
    case .comment(let index, let text):
      (method, path, fields) = (.put, "\(base)/rules/\(index)", [("comment", text)] + rulesDigest)
    case .delete(let index):
      (method, path, fields) = (.delete, "\(base)/rules/\(index)", rulesDigest)
    case .options(let isEnabled, let policyIn, let policyOut):
      var options: Fields = live.optionsDigest.map { [("digest", $0)] } ?? []
      if let isEnabled { options.append(("enable", isEnabled ? "1" : "0")) }
      if let policyIn { options.append(("policy_in", policyIn.rawValue)) }
      if let policyOut { options.append(("policy_out", policyOut.rawValue)) }
      (method, path, fields) = (.put, "\(base)/options", options)
    }
    return Self(
      method, path, fields: fields, doing: "\(step.description(in: live)) (firewall of guest \(vmid))",
      privilege: "VM.Config.Network on /vms/\(vmid)")
  }

  static func path(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> String {
    "/nodes/\(guest.node)/\(guest.kind.rawValue)/\(vmid)"
  }

  private static func fields(of rule: Proxmox.Rule) -> Fields {
    let match = rule.match
    let optional = [
      ("macro", match.macro), ("iface", match.interface), ("source", match.source),
      ("dest", match.destination), ("proto", match.transport), ("dport", match.ports),
      ("sport", match.sourcePorts), ("icmp-type", match.icmpType), ("comment", rule.comment),
    ]
    return [("type", match.type), ("action", match.action), ("enable", rule.isEnabled ? "1" : "0")]
      + optional.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension FirewallStep {
  /// The step for people, decided from `live`.
  func description(in live: Proxmox.LiveFirewall) -> String {
    switch self {
    case .insert(let rule): "insert '\(rule.match)'"
    case .enable(let index): "enable rule \(index) '\(live.rules[index].match)'"
    case .comment(let index, _): "comment rule \(index) '\(live.rules[index].match)'"
    case .delete(let index): "remove rule \(index) '\(live.rules[index].match)'"
    case .options: "set options"
    }
  }
}
