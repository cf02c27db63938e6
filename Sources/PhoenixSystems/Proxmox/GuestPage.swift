import PhoenixCore

extension Proxmox {
  /// A part of the API that carries the digest which a write to it names.
  struct Signed<Value: Sendable>: Sendable {
    let value: Value
    let digest: String?

    init(_ value: Value, _ digest: String?) {
      self.value = value
      self.digest = digest
    }
  }

  /// What was read of one guest.
  struct GuestPage {
    var existence: Reading<Bool> = .unreadable("not asked")
    var options: Reading<Signed<FirewallOptions>> = .unreadable("not asked")
    var rules: Reading<Signed<[Rule]>> = .unreadable("not asked")
    var configuration: Reading<GuestConfiguration> = .unreadable("not asked")

    mutating func take(_ answer: Answer) {
      switch answer {
      case .existence(_, let reading): existence = reading
      case .options(_, let reading): options = reading
      case .rules(_, let reading): rules = reading
      case .configuration(_, let reading): configuration = reading
      case .guests, .datacenter, .datacenterRules, .group: break
      }
    }

    /// Options and rules together; unreadable when one of them is.
    var firewall: Reading<LiveFirewall> {
      switch (options, rules) {
      case (.known(let options), .known(let rules)):
        .known(
          LiveFirewall(
            options: options.value, optionsDigest: options.digest, rules: rules.value,
            rulesDigest: rules.digest))
      case (.unreadable(let reason), _), (_, .unreadable(let reason)): .unreadable(reason)
      case (.absent, _), (_, .absent): .absent
      }
    }
  }
}

extension Proxmox.Observed {
  mutating func take(_ answer: Proxmox.Answer) {
    switch answer {
    case .guests(let reading): guests = reading
    case .datacenter(let reading): datacenter = reading
    case .datacenterRules(let reading): datacenterRules = reading
    case .group(let name, let reading): groups[name] = reading
    case .existence, .options, .rules, .configuration: break
    }
  }

  /// - Parameters:
  ///   - page: What was read of a guest.
  ///   - vmid: Its number.
  ///   - guest: How the list has it; nil when it has not.
  ///   - kind: What it is in the files.
  ///   - asked: What was asked of it.
  mutating func take(
    _ page: Proxmox.GuestPage, of vmid: Int, listed guest: Proxmox.ListedGuest?, kind: Proxmox.GuestKind?,
    asked: Proxmox.LookScope
  ) {
    if asked.firewalls.contains(vmid) {
      firewalls[vmid] = Self.obstacle(vmid, page, guest, kind) ?? page.firewall
    }
    if asked.guests.contains(vmid) {
      configurations[vmid] = Self.obstacle(vmid, page, guest, kind) ?? page.configuration
    }
  }

  /// Why nothing is known of a guest; nil when it could be asked.
  private static func obstacle<Value>(
    _ vmid: Int, _ page: Proxmox.GuestPage, _ guest: Proxmox.ListedGuest?, _ kind: Proxmox.GuestKind?
  ) -> Reading<Value>? {
    guard let guest else {
      return switch page.existence {
      case .absent: .absent
      case .known:
        .unreadable(
          "guest \(vmid) exists, and the token may not see it: give it the privilege VM.Audit on /vms/\(vmid)"
        )
      case .unreadable(let reason): .unreadable(reason)
      }
    }
    guard let kind, kind != guest.kind else { return nil }
    return .unreadable(
      "guest \(vmid) is a \(guest.kind.word) in Proxmox ('\(guest.name)') and a \(kind.word) in the "
        + "files: it is another guest than the one meant")
  }
}

extension Proxmox.GuestKind {
  /// The kind for people.
  fileprivate var word: String {
    switch self {
    case .container: "container"
    case .machine: "virtual machine"
    }
  }
}
