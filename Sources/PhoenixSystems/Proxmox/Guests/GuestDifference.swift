import PhoenixCore

/// Where a guest's configuration is not as the files say, key by key. Pure.
///
/// Both sides are compared as what they mean, not as they are written: sizes in GiB, parts of values by their name,
/// what is not there as what Proxmox does then.
struct GuestDifference {
  /// One field that differs, and how it is written.
  struct Row: Hashable {
    let field: FieldChange
    let setting: Setting
    let risk: Risk
  }

  /// How a field is written.
  enum Setting: Hashable {
    /// The whole value of a key.
    case value(key: String, String)
    /// A part of a key's value.
    case part(key: String, name: String, String)
    /// A disk that becomes larger, in GiB.
    case size(disk: String, Int)

    /// The key of the configuration.
    var key: String {
      switch self {
      case .value(let key, _), .part(let key, _, _), .size(let key, _): key
      }
    }
  }

  private let desired: Proxmox.DesiredGuest
  private let live: Proxmox.GuestConfiguration
  private let isRunning: Bool

  /// Values of several parts, each read once.
  private var parsed: [String: PropertyString] = [:]

  /// What differs.
  private(set) var rows: [Row] = []
  /// What differs and cannot be set right, for people.
  private(set) var obstacles: [String] = []

  /// Compares.
  ///
  /// - Parameters:
  ///   - live: What is written down, whether or not it is in force yet.
  ///   - desired: What the files say.
  ///   - isRunning: Whether the guest runs, so that some of it waits for a restart and some drops connections.
  init(from live: Proxmox.GuestConfiguration, to desired: Proxmox.DesiredGuest, isRunning: Bool) {
    self.desired = desired
    self.live = live
    self.isRunning = isRunning
    compare()
  }

  /// What a guest is told beyond its source when it is made.
  static func new(_ desired: Proxmox.DesiredGuest) -> Self {
    Self(from: Proxmox.GuestConfiguration(current: [:]), to: desired, isRunning: false)
  }

  private mutating func compare() {
    let isContainer = desired.kind == .container
    value(
      "name", isContainer ? "hostname" : "name", .text(desired.name),
      now: live[isContainer ? "hostname" : "name"].map { .text($0) })
    number("cores", "cores", desired.cores, otherwise: isContainer ? nil : 1)
    memory()
    number("swap_mb", "swap", desired.swap, otherwise: 512)
    disk()
    for network in desired.networks { compare(network) }
    nameservers()
    flag("start_at_boot", "onboot", desired.startsAtBoot)
    part("boot_order", "startup", "order", desired.bootOrder.map { .number($0) })
    part("boot_delay", "startup", "up", desired.bootDelay.map { .number($0) })
    part(
      "pct_options.nesting", "features", "nesting", desired.allowsNesting.map { .flag($0) },
      otherwise: .flag(false))
    value(
      "user_config.username", "ciuser", desired.user.map { .text($0) }, now: live["ciuser"].map { .text($0) })
    ownership()
  }

  // MARK: Keys with something of their own

  /// The tag that tells whose guest it is, also when the state directory is lost. Other tags are not ours.
  private mutating func ownership() {
    let tags = (live["tags"] ?? "").split(whereSeparator: { ";, ".contains($0) }).map(String.init)
    guard !tags.contains(where: { $0.lowercased() == Self.tag }) else { return }
    let wanted = tags + [Self.tag]
    add(
      FieldChange("tags", from: tags.isEmpty ? nil : .list(tags), to: .list(wanted)),
      .value(key: "tags", wanted.joined(separator: ";")))
  }

  private static let tag = "phoenix"

  /// Less of it may end what needs it.
  private mutating func memory() {
    // `memory` of a machine may be written with its name.
    let text = live["memory"].map { PropertyString($0)["current"] ?? $0 }
    let now = text.flatMap { Int($0) } ?? 512
    guard let memory = desired.memory, memory != now else { return }
    add(
      FieldChange("memory_mb", from: .number(now), to: .number(memory)), .value(key: "memory", "\(memory)"),
      risk: isRunning && memory < now && desired.kind == .container ? .disruptive : .safe)
  }

  private mutating func disk() {
    guard desired.diskSize != nil || desired.storage != nil, let key = live.systemDisk(desired.kind) else {
      return
    }
    let parts = parts(key)
    let field = desired.kind == .container ? "storage_size_gb" : "disk_size_gb"
    if let wanted = desired.diskSize, !desired.ignored.contains(field),
      let size = parts["size"].flatMap({ DiskSize($0) })
    {
      if wanted > size.gibibytes {
        add(FieldChange(field, from: .number(size.gibibytes), to: .number(wanted)), .size(disk: key, wanted))
      } else if wanted < size.gibibytes {
        obstacles.append(
          "its disk has \(size.gibibytes) GiB and the files say \(wanted): Proxmox makes no disk smaller")
      }
    }
    if let wanted = desired.storage, !desired.ignored.contains("storage_pool"),
      let storage = parts.unnamed?.split(separator: ":").first, storage != wanted
    {
      obstacles.append(
        "its disk is on \(String(storage).escapedForTerminals) and the files say \(wanted): Phoenix moves no disk"
      )
    }
  }

  private mutating func nameservers() {
    let now = (live["nameserver"] ?? "").split(whereSeparator: { " ,".contains($0) }).map(String.init)
    guard !desired.nameservers.isEmpty, desired.nameservers != now else { return }
    add(
      FieldChange(
        "network_config.nameservers", from: now.isEmpty ? nil : .list(now), to: .list(desired.nameservers)),
      .value(key: "nameserver", desired.nameservers.joined(separator: " ")))
  }

  private mutating func compare(_ network: Proxmox.DesiredNetwork) {
    let key = "net\(network.slot)"
    let prefix = network.slot == 0 ? "network_config" : "secondary_network_config"
    func text(_ text: String?) -> FieldValue? { text.map { .text($0) } }
    let name = network.name ?? (live[key] == nil && desired.kind == .container ? "eth\(network.slot)" : nil)
    part("\(prefix).name", key, "name", text(name), drops: true)
    part("\(prefix).bridge", key, "bridge", text(network.bridge), drops: true)
    part("\(prefix).firewall", key, "firewall", network.isFiltered.map { .flag($0) }, otherwise: .flag(false))
    let address = desired.kind == .container ? key : "ipconfig\(network.slot)"
    part("\(prefix).ip", address, "ip", text(network.address), drops: desired.kind == .container)
    part("\(prefix).gw", address, "gw", text(network.gateway), drops: desired.kind == .container)
    hardwareAddress(network, key)
  }

  /// A machine's device is written as MODEL=ADDRESS.
  private mutating func hardwareAddress(_ network: Proxmox.DesiredNetwork, _ key: String) {
    guard let wanted = network.mac else {
      // A device that is yet to be made has at least a model.
      guard live[key] == nil, desired.kind == .machine else { return }
      return part("\(key).model", key, "model", .text(Self.newModel), now: nil, drops: false)
    }
    let field = network.slot == 0 ? "mac_address" : "secondary_network_config.hwaddr"
    if desired.kind == .container {
      return part(
        field, key, "hwaddr", .text(wanted),
        now: parts(key)["hwaddr"].flatMap { MACAddress($0)?.description }.map { .text($0) }, drops: true)
    }
    let device = parts(key).first(of: Self.models)
    let model = device?.name ?? parts(key)["model"] ?? Self.newModel
    part(
      field, key, model, .text(wanted),
      now: device.flatMap { MACAddress($0.value)?.description }.map { .text($0) }, drops: true)
  }

  /// The model of a device that a machine has not had before.
  private static let newModel = "virtio"

  /// The models of network devices that Proxmox knows.
  static let models: Set<String> = [
    "e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551", "i82557b", "i82559er",
    "ne2k_isa",
    "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3",
  ]

  // MARK: Keys like any other

  private mutating func parts(_ key: String) -> PropertyString {
    if let known = parsed[key] { return known }
    let parts = live.parts(key)
    parsed[key] = parts
    return parts
  }

  private mutating func number(_ field: String, _ key: String, _ wanted: Int?, otherwise: Int?) {
    value(
      field, key, wanted.map { .number($0) },
      now: (live[key].flatMap { Int($0) } ?? otherwise).map { .number($0) })
  }

  private mutating func flag(_ field: String, _ key: String, _ wanted: Bool?) {
    value(field, key, wanted.map { .flag($0) }, now: .flag(live[key] == "1"))
  }

  private mutating func value(_ field: String, _ key: String, _ wanted: FieldValue?, now: FieldValue?) {
    guard let wanted, wanted != now else { return }
    add(FieldChange(field, from: now, to: wanted), .value(key: key, wanted.inProxmox))
  }

  private mutating func part(
    _ field: String, _ key: String, _ name: String, _ wanted: FieldValue?, otherwise: FieldValue? = nil,
    drops: Bool = false
  ) {
    guard let wanted else { return }
    let now = parts(key)[name].map { text -> FieldValue in
      switch wanted {
      case .number: Int(text).map { .number($0) } ?? .text(text)
      case .flag: .flag(text == "1")
      default: .text(text)
      }
    }
    part(field, key, name, wanted, now: now ?? otherwise, drops: drops)
  }

  private mutating func part(
    _ field: String, _ key: String, _ name: String, _ wanted: FieldValue, now: FieldValue?, drops: Bool
  ) {
    guard wanted != now else { return }
    add(
      FieldChange(field, from: now, to: wanted), .part(key: key, name: name, wanted.inProxmox),
      risk: drops && isRunning ? .disruptive : .safe)
  }

  private mutating func add(_ field: FieldChange, _ setting: Setting, risk: Risk = .safe) {
    guard !desired.ignored.contains(field.field) else { return }
    let waits = isRunning && Self.waits(setting, desired.kind)
    rows.append(
      Row(
        field: FieldChange(field.field, from: field.from, to: field.to, pendingRestart: waits),
        setting: setting,
        risk: risk))
  }

  /// Whether a running guest takes it up only when it starts again. What Proxmox then really does, its list of what is
  /// pending tells.
  private static func waits(_ setting: Setting, _ kind: Proxmox.GuestKind) -> Bool {
    switch kind {
    case .container: ["features", "nameserver"].contains(setting.key)
    case .machine:
      ["cores", "memory", "nameserver", "ciuser"].contains(setting.key) || setting.key.hasPrefix("ipconfig")
    }
  }
}

extension FieldValue {
  /// The value as Proxmox takes it.
  fileprivate var inProxmox: String {
    switch self {
    case .text(let text): text
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "1" : "0"
    case .list(let list): list.joined(separator: " ")
    case .sensitive, .knownAfterApply: ""
    }
  }
}
