/// The size of a disk in bytes, as Proxmox writes it: `8G`, `4096M`, `1.5T`; a number alone is bytes.
struct DiskSize: Hashable, Sendable {
  let bytes: Int

  /// Reads a size; nil for what is none.
  init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let shift = Self.shifts[text[digits.endIndex...].uppercased()] else { return nil }
    if let whole = Int(digits) {
      let (bytes, isTooMuch) = whole.multipliedReportingOverflow(by: 1 << shift)
      guard !isTooMuch else { return nil }
      self.bytes = bytes
    } else {
      guard let number = Double(digits), number >= 0, number * Double(1 << shift) < Double(1 << 62) else {
        return nil
      }
      bytes = Int(number * Double(1 << shift))
    }
  }

  private static let shifts = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]

  /// Whole GiB, rounded up: a disk of 8.1 GiB is not one of 8.
  var gibibytes: Int { (bytes >> 30) + (bytes & ((1 << 30) - 1) == 0 ? 0 : 1) }
}
