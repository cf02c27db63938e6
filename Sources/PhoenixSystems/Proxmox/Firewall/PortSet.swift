import PhoenixCore

/// The ports that a firewall rule names: `80`, `80,443`, `8000:8010`, `ssh`.
struct PortSet: Hashable, Sendable {
  private let ranges: [PortRange]
  /// Names of services that are not known here. Which ports they are only Proxmox knows.
  let unknown: [String]

  /// Reads ports as Proxmox writes them.
  init(_ text: String) {
    if let ranges = PortRange.list(text) {
      (self.ranges, unknown) = (ranges, [])
      return
    }
    let parts = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let known = parts.filter { PortRange.list($0) != nil }
    self.ranges = PortRange.list(known.joined(separator: ",")) ?? []
    self.unknown = parts.filter { PortRange.list($0) == nil }.sorted()
  }

  /// Whether a port is among them.
  func contains(_ port: Int) -> Bool { ranges.contains { $0.contains(port) } }

  /// Whether there is no other port than this one among them.
  func isOnly(_ port: Int) -> Bool { unknown.isEmpty && ranges == [PortRange(port, port)] }

  /// The ports of a text, always written the same way. One number is so already, and most rules have one.
  static func canonical(_ text: String) -> String {
    let isNumber = text.utf8.first != UInt8(ascii: "0") && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isNumber ? text : PortSet(text).canonical
  }

  /// The same ports, always written the same way.
  var canonical: String { (ranges.map(\.description) + unknown).joined(separator: ",") }
}
