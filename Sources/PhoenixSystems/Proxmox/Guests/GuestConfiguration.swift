import PhoenixCore

extension Proxmox {
  /// A guest's configuration, as Proxmox keeps it: what is in force, and what waits for a restart.
  public struct GuestConfiguration: Codable, Hashable, Sendable {
    /// What is in force, by key.
    public var current: [String: String]
    /// What a restart puts in force, by key; nil takes the key away.
    public var pending: [String: String?]

    /// Creates a configuration.
    public init(current: [String: String], pending: [String: String?] = [:]) {
      self.current = current
      self.pending = pending
    }

    /// What is written down, whether or not it is in force yet.
    public var stored: Self {
      guard !pending.isEmpty else { return self }
      var stored = current
      for (key, value) in pending { stored[key] = value }
      return Self(current: stored)
    }

    subscript(key: String) -> String? { current[key] }

    /// A value of several parts; without any when the key is not there.
    func parts(_ key: String) -> PropertyString { PropertyString(current[key] ?? "") }

    /// Its network devices, by number.
    var interfaces: [Interface] {
      let numbered: [(number: Int, interface: Interface)] = current.compactMap { key, value in
        guard key.hasPrefix("net"), let number = Int(key.dropFirst(3)) else { return nil }
        return (number, Interface(name: key, isFiltered: PropertyString(value)["firewall"] == "1"))
      }
      return numbered.sorted { $0.number < $1.number }.map(\.interface)
    }

    /// The key of the disk that a guest's system is on; nil when that cannot be told.
    func systemDisk(_ kind: GuestKind) -> String? {
      guard kind == .machine else { return current["rootfs"] == nil ? nil : "rootfs" }
      let ordered = parts("boot")["order"].map { $0.split(separator: ";").map(String.init) } ?? []
      return (ordered + ["scsi0", "virtio0", "sata0", "ide0"]).first { key in
        Self.isDisk(key) && current[key].map { PropertyString($0)["media"] != "cdrom" } ?? false
      }
    }

    /// Whether it is being made: it may yet go again.
    var isUnfinished: Bool { ["create", "clone"].contains(current["lock"]) }

    /// What tells a guest from another one that has its number; nil when nothing does.
    func identity(_ kind: GuestKind) -> String? {
      if isUnfinished { return nil }
      if kind == .machine, let uuid = parts("smbios1")["uuid"] { return "uuid \(uuid.lowercased())" }
      let device = parts("net0")
      let mac = (device["hwaddr"] ?? device.first(of: GuestDifference.models)?.value).flatMap {
        MACAddress($0)
      }
      let volume = systemDisk(kind).flatMap { parts($0).unnamed }
      let texts = [volume.map { "disk \($0)" }, mac.map { "address \($0)" }].compactMap { $0 }
      return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }

    /// The values that name what holds data, by key, cloud-init's drive included.
    var volumes: [(key: String, value: String)] {
      current.filter { key, _ in
        key == "rootfs" || Self.isDisk(key)
          || ["mp", "unused", "efidisk", "tpmstate"].contains {
            key.hasPrefix($0) && Int(key.dropFirst($0.count)) != nil
          }
      }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func isDisk(_ key: String) -> Bool {
      ["scsi", "virtio", "sata", "ide"].contains { bus in
        key.hasPrefix(bus) && Int(key.dropFirst(bus.count)) != nil
      }
    }
  }
}
