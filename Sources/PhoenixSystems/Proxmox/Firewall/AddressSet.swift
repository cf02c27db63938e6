import PhoenixCore

/// The addresses that a firewall rule names: `10.0.0.5`, `10.0.0.0/24,10.0.1.7`, `10.0.0.5-10.0.0.9`.
struct AddressSet: Hashable, Sendable {
  private let blocks: [AddressBlock]
  private let ranges: [ClosedRange<IPAddress>]
  /// Aliases, IP sets, and what cannot be read. Which addresses they are only Proxmox knows.
  let unknown: [String]

  /// Reads addresses as Proxmox and the users' files write them.
  init(_ text: String) {
    var blocks: [AddressBlock] = []
    var ranges: [ClosedRange<IPAddress>] = []
    var unknown: [String] = []
    for part in text.split(separator: ",") {
      switch FirewallPeer.list(part)?.first {
      case .block(let block): blocks.append(block.network)
      case .range(let first, let last): ranges.append(first...last)
      case .set, .alias, nil: unknown.append(part.filter { $0 != " " })
      }
    }
    self.blocks = Set(blocks).sorted {
      ($0.address, $0.prefixLength) < ($1.address, $1.prefixLength)
    }
    self.ranges = ranges
    self.unknown = unknown.sorted()
  }

  /// Whether an address is among them.
  func contains(_ address: IPAddress) -> Bool {
    blocks.contains { $0.contains(address) } || ranges.contains { $0.contains(address) }
  }

  /// The addresses of a text, always written the same way. Most rules name one, and no set is made for it.
  static func canonical(_ text: String) -> String {
    if case .v4 = IPAddress(text) { return text }
    if let block = AddressBlock(text) { return FirewallPeer.block(block.network).description }
    return AddressSet(text).canonical
  }

  /// The same addresses, always written the same way: no host bits, no `/32`.
  var canonical: String {
    let peers = blocks.map { FirewallPeer.block($0) } + ranges.map { .range($0.lowerBound, $0.upperBound) }
    return (peers.map(\.description) + unknown).joined(separator: ",")
  }
}

extension AddressBlock {
  /// The block with no host bits.
  fileprivate var network: AddressBlock {
    let bits = { (length: Int) -> UInt64 in length <= 0 ? 0 : length >= 64 ? .max : ~(.max >> UInt64(length))
    }
    let base: IPAddress =
      switch address {
      case .v4(let address): .v4(address & UInt32(bits(prefixLength + 32) & 0xFFFF_FFFF))
      case .v6(let high, let low): .v6(high & bits(prefixLength), low & bits(prefixLength - 64))
      }
    return AddressBlock(base, prefixLength: prefixLength) ?? self
  }
}
