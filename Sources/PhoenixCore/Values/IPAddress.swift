/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Four bytes, the first one highest.
  case v4(UInt32)
  /// Sixteen bytes, the first one highest.
  case v6(UInt64, UInt64)

  /// Reads `10.0.0.13` or `fd00::1`; nil for anything else. An octet with a leading zero is refused: some
  /// programs read it as octal.
  public init?(_ text: some StringProtocol) {
    // Not generic from here on: other modules would run it unspecialized, for every rule of every guest.
    let bytes = ArraySlice(text.utf8)
    if let address = Self.parseV4(bytes) {
      self = .v4(address)
    } else if let address = Self.parseV6(bytes) {
      self = address
    } else {
      return nil
    }
  }

  /// 32 or 128.
  public var width: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// Dotted decimal, or the form of RFC 5952.
  public var description: String {
    switch self {
    case .v4(let bits):
      stride(from: 24, through: 0, by: -8).map { "\((bits >> UInt32($0)) & 255)" }.joined(separator: ".")
    case .v6: describeV6()
    }
  }

  /// IPv4 before IPv6, then by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.v4(let left), .v4(let right)): left < right
    case (.v6(let leftHigh, let leftLow), .v6(let rightHigh, let rightLow)):
      (leftHigh, leftLow) < (rightHigh, rightLow)
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }

  private static func parseV4(_ text: ArraySlice<UInt8>) -> UInt32? {
    guard text.count <= 15 else { return nil }
    let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard octets.count == 4 else { return nil }
    var bits: UInt32 = 0
    for octet in octets {
      guard (1...3).contains(octet.count), octet.allSatisfy({ (0x30...0x39).contains($0) }),
        octet.count == 1 || octet.first != 0x30
      else { return nil }
      let value = octet.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
      guard value <= 255 else { return nil }
      bits = bits << 8 | value
    }
    return bits
  }

  private static func parseV6(_ text: ArraySlice<UInt8>) -> IPAddress? {
    guard (2...45).contains(text.count) else { return nil }
    var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard groups.count >= 3 else { return nil }
    // "::" at an end gives two empty groups there; one stands for the gap.
    if groups[0].isEmpty, groups[1].isEmpty { groups.removeFirst() }
    if groups.count >= 2, groups[groups.count - 1].isEmpty, groups[groups.count - 2].isEmpty {
      groups.removeLast()
    }
    var words: [UInt64] = []
    var gap: Int?
    for (index, group) in groups.enumerated() {
      if group.isEmpty {
        guard gap == nil else { return nil }
        gap = words.count
      } else if index == groups.count - 1, group.contains(UInt8(ascii: ".")) {
        guard let last = parseV4(group) else { return nil }
        words += [UInt64(last >> 16), UInt64(last & 0xffff)]
      } else {
        guard group.count <= 4, let word = UInt64(String(decoding: group, as: UTF8.self), radix: 16),
          group.first != UInt8(ascii: "+"), group.first != UInt8(ascii: "-")
        else { return nil }
        words.append(word)
      }
    }
    if let gap {
      guard words.count < 8 else { return nil }
      words.insert(contentsOf: [UInt64](repeating: 0, count: 8 - words.count), at: gap)
    }
    guard words.count == 8 else { return nil }
    return .v6(words[..<4].reduce(0) { $0 << 16 | $1 }, words[4...].reduce(0) { $0 << 16 | $1 })
  }

  private func describeV6() -> String {
    guard case .v6(let high, let low) = self else { return "" }
    let words = [high, low].flatMap { half in
      stride(from: 48, through: 0, by: -16).map { Int((half >> UInt64($0)) & 0xffff) }
    }
    var (longest, run) = (0..<0, 0)
    for (index, word) in words.enumerated() {
      run = word == 0 ? run + 1 : 0
      if run > longest.count { longest = (index + 1 - run)..<(index + 1) }
    }
    let text = { (part: ArraySlice<Int>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
    guard longest.count > 1 else { return text(words[...]) }
    return text(words[..<longest.lowerBound]) + "::" + text(words[longest.upperBound...])
  }
}

/// An address with the length of its network's prefix, such as `10.0.0.10/24`.
public struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
  /// The address as written: with `10.0.0.10/24` it is 10.0.0.10.
  public let address: IPAddress
  /// Bits of the network's prefix.
  public let prefixLength: Int

  /// Creates a block; nil when the prefix is longer than the address.
  public init?(_ address: IPAddress, prefixLength: Int) {
    guard (0...address.width).contains(prefixLength) else { return nil }
    self.address = address
    self.prefixLength = prefixLength
  }

  /// Reads `address/prefix`; a bare address is a block of one.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
      guard let address = IPAddress(text) else { return nil }
      self.init(address, prefixLength: address.width)
      return
    }
    let prefix = text[text.utf8.index(after: slash)...]
    guard let address = IPAddress(text[..<slash]), prefix.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(prefix)
    else { return nil }
    self.init(address, prefixLength: length)
  }

  /// Whether an address lies in the network.
  public func contains(_ other: IPAddress) -> Bool {
    switch (address, other) {
    case (.v4(let mine), .v4(let theirs)):
      prefixLength == 0 || (mine ^ theirs) >> UInt32(32 - prefixLength) == 0
    case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
      if prefixLength <= 64 {
        prefixLength == 0 || (high ^ otherHigh) >> UInt64(64 - prefixLength) == 0
      } else {
        high == otherHigh && (low ^ otherLow) >> UInt64(128 - prefixLength) == 0
      }
    default: false
    }
  }

  /// `address/prefix`.
  public var description: String { "\(address)/\(prefixLength)" }
}
