import Glibc

/// A name that a certificate is for.
public enum SubjectName: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// A DNS name, in lower case, possibly with `*` as its first label.
  case dns(String)
  /// An IP address in its shortest form.
  case address(String)
  /// Some other sort of name, such as an e-mail address, as text.
  case other(String)

  /// Reads a name as files write it: an IPv4 or IPv6 address, or a DNS name; nil when it can be neither.
  public init?(parsing text: String) {
    if let bytes = Self.addressBytes(text), let shortest = Self.addressText(bytes) {
      self = .address(shortest)
    } else if Self.isDNSName(text) {
      self = .dns(text.lowercased())
    } else {
      return nil
    }
  }

  /// The name as files write it.
  public var description: String {
    switch self {
    case .dns(let text), .address(let text), .other(let text): text
    }
  }

  /// DNS names first, then addresses; each by its text.
  public static func < (left: SubjectName, right: SubjectName) -> Bool {
    (left.rank, left.description) < (right.rank, right.description)
  }

  private var rank: Int {
    switch self {
    case .dns: 0
    case .address: 1
    case .other: 2
    }
  }

  /// The 4 or 16 bytes of an address in network order; nil when the text is none.
  static func addressBytes(_ text: String) -> [UInt8]? {
    guard !text.utf8.contains(0) else { return nil }
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }

  /// The shortest form of an address of 4 or 16 bytes; nil for any other count.
  static func addressText(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else {
      return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func isDNSName(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.enumerated().allSatisfy { index, label in
      if index == 0, label == "*", labels.count > 1 { return true }
      return !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy(\.isLabelCharacter)
    }
  }
}

extension UInt8 {
  fileprivate var isLabelCharacter: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
