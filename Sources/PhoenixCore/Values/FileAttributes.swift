/// To whom a file belongs.
public struct FileOwner: Hashable, Sendable, Codable, CustomStringConvertible {
  /// A user's name or number.
  public let user: String
  /// A group's name or number.
  public let group: String

  /// root:root.
  public static let root = FileOwner(user: "root", group: "root")

  /// Creates an owner.
  public init(user: String, group: String) {
    self.user = user
    self.group = group
  }

  /// Reads `user:group`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isName(parts[0]), Self.isName(parts[1]) else { return nil }
    self.init(user: String(parts[0]), group: String(parts[1]))
  }

  private static func isName(_ text: some StringProtocol) -> Bool {
    guard (1...32).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// `user:group`.
  public var description: String { "\(user):\(group)" }
}

/// The permissions of a file.
public struct FileMode: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The nine bits of user, group and others.
  public let bits: UInt16

  /// Creates a mode of the lowest nine bits.
  public init(bits: UInt16) { self.bits = bits & 0o777 }

  /// Reads `640` or `0640`; nil for anything else, also for set-user-id and its like.
  public init?(octal text: some StringProtocol) {
    guard text.utf8.count == 3 || (text.utf8.count == 4 && text.utf8.first == UInt8(ascii: "0")),
      text.utf8.allSatisfy({ (0x30...0x37).contains($0) }), let bits = UInt16(text, radix: 8)
    else { return nil }
    self.init(bits: bits)
  }

  /// Whether somebody besides the owner and the group may read.
  public var isWorldReadable: Bool { bits & 0o004 != 0 }
  /// Whether the group may write.
  public var isGroupWritable: Bool { bits & 0o020 != 0 }
  /// Whether somebody besides the owner and the group may write.
  public var isWorldWritable: Bool { bits & 0o002 != 0 }

  /// Three octal digits at least.
  public var description: String {
    let text = String(bits, radix: 8)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
  }
}
