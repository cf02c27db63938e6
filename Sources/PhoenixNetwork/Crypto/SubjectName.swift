/// A name that a certificate is for.
public enum SubjectName: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// A DNS name, in lower case, possibly with `*` as its first label.
  case dns(String)
  /// An IP address in its shortest form.
  case address(String)
  /// Some other sort of name, such as an e-mail address, as text.
  case other(String)

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
}
