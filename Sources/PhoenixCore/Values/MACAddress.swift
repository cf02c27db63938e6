/// The hardware address of a network device.
public struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  private let bits: UInt64

  /// Reads `BC:24:11:00:01:03`, in capital or small letters; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var bits: UInt64 = 0
    for part in parts {
      guard part.count == 2, part.first != UInt8(ascii: "+"), part.first != UInt8(ascii: "-"),
        let byte = UInt64(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      bits = bits << 8 | byte
    }
    self.bits = bits
  }

  /// In capital letters, as Proxmox writes it.
  public var description: String {
    stride(from: 40, through: 0, by: -8).map { shift in
      let byte = String((bits >> UInt64(shift)) & 255, radix: 16, uppercase: true)
      return byte.count == 1 ? "0" + byte : byte
    }.joined(separator: ":")
  }
}
