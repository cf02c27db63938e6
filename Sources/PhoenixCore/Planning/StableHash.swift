/// A hash that is the same in every process, for jitter that a restart must not roll again.
public enum StableHash {
  /// FNV-1a, 64 bits, with a final mix so that near texts spread evenly.
  public static func value(of text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    return hash ^ (hash >> 33)
  }

  /// A fraction in `0..<1`.
  public static func fraction(of text: String) -> Double {
    Double(value(of: text) >> 11) / Double(UInt64(1) << 53)
  }
}
