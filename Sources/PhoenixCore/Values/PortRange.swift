/// Consecutive TCP or UDP ports.
public struct PortRange: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The first port.
  public let first: Int
  /// The last port; the same as the first for one port.
  public let last: Int

  /// Creates a range; nil when it is empty or a port is not in 0...65535.
  public init?(_ first: Int, _ last: Int) {
    guard first >= 0, first <= last, last <= 65535 else { return nil }
    self.first = first
    self.last = last
  }

  /// Whether a port lies in the range.
  public func contains(_ port: Int) -> Bool { first <= port && port <= last }

  /// `80` or `8000:8010`.
  public var description: String { first == last ? "\(first)" : "\(first):\(last)" }

  /// Reads the ports of a firewall rule as Proxmox does: `80`, `80,443`, `8000:8010`, `ssh`.
  ///
  /// - Parameter text: Ports, ranges and the names of well-known services, with commas between.
  /// - Returns: The ranges in rising order, those that touch made one; nil when a part is none of these.
  public static func list(_ text: some StringProtocol) -> [PortRange]? {
    var ranges: [PortRange] = []
    for part in String(text).parts(between: ",") {
      let ends = part.parts(between: ":").map { port($0.trimmed) }
      guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil,
        let range = PortRange(first, last)
      else { return nil }
      ranges.append(range)
    }
    return ranges.isEmpty ? nil : merged(ranges)
  }

  private static func merged(_ ranges: [PortRange]) -> [PortRange] {
    var merged: [PortRange] = []
    for range in ranges.sorted(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
      if let previous = merged.last, range.first <= previous.last + 1,
        let joined = PortRange(previous.first, max(previous.last, range.last))
      {
        merged[merged.count - 1] = joined
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func port(_ text: Substring) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return serviceNames[String(text)]
    }
    return Int(text)
  }

  /// The names of /etc/services that rules of a homelab bear. Proxmox takes any of them.
  private static let serviceNames = [
    "ssh": 22, "domain": 53, "http": 80, "ntp": 123, "imap2": 143, "snmp": 161, "ldap": 389, "https": 443,
    "syslog": 514, "ldaps": 636, "nfs": 2049, "mysql": 3306, "postgresql": 5432, "docker": 2375,
  ]
}
