/// Whom a firewall rule is about, as Proxmox takes it in `source` and `dest`.
public enum FirewallPeer: Hashable, Sendable, CustomStringConvertible {
  /// An address or a network.
  case block(AddressBlock)
  /// From one address to another.
  case range(IPAddress, IPAddress)
  /// `+name`: an IP set, whose members only Proxmox knows.
  case set(String)
  /// An alias, such as `dc/nas`, whose address only Proxmox knows.
  case alias(String)

  /// Reads `10.0.0.0/24, 10.0.0.1-10.0.0.9, +set, dc/alias`.
  ///
  /// - Parameter text: Peers with commas between.
  /// - Returns: The peers in their order; nil when one is none of these.
  public static func list(_ text: some StringProtocol) -> [FirewallPeer]? {
    var peers: [FirewallPeer] = []
    for part in String(text).parts(between: ",") {
      guard let peer = parse(part.trimmed) else { return nil }
      peers.append(peer)
    }
    return peers.isEmpty ? nil : peers
  }

  private static func parse(_ text: Substring) -> FirewallPeer? {
    if let block = AddressBlock(text) { return .block(block) }
    let ends = text.parts(between: "-")
    if ends.count == 2, let first = IPAddress(ends[0]), let last = IPAddress(ends[1]), first <= last,
      first.width == last.width
    {
      return .range(first, last)
    }
    if text.hasPrefix("+") { return isName(text.dropFirst()) ? .set(String(text.dropFirst())) : nil }
    // What begins like an address and is none is a slip, not an alias.
    return isName(text) ? .alias(String(text)) : nil
  }

  private static func isName(_ text: Substring) -> Bool {
    let scope = ["dc/", "guest/"].first { text.hasPrefix($0) } ?? ""
    let name = text.dropFirst(scope.count)
    guard let first = name.utf8.first, first >= 0x41 else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
  }

  /// As Proxmox takes it.
  public var description: String {
    switch self {
    case .block(let block):
      block.prefixLength == block.address.width ? "\(block.address)" : "\(block)"
    case .range(let first, let last): "\(first)-\(last)"
    case .set(let name): "+\(name)"
    case .alias(let name): name
    }
  }
}
