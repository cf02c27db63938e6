/// The rules of DNS names (RFC 1123).
public enum HostName {
  /// Whether a text is a host name of one or more labels. A dot at the end and underscores are refused.
  public static func isValid(_ text: some StringProtocol) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
      label in
      (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        && label.allSatisfy(isLabelByte)
    }
  }

  /// Whether a name is a domain or lies below it; `*.` before it is below it. Case does not count.
  public static func isValid(_ name: some StringProtocol, within domain: some StringProtocol) -> Bool {
    let (name, domain) = (name.lowercased(), domain.lowercased())
    return name == domain || name.hasSuffix("." + domain)
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// Where something listens: `10.0.0.153:443`, `qdrant.internal.example:443`, `[fd00::1]:443`.
public struct HostAndPort: Hashable, Sendable, Codable, CustomStringConvertible {
  /// A name or an address, without brackets.
  public let host: String
  /// 1...65535.
  public let port: Int

  /// Reads `host:port`; nil when a part is missing or wrong.
  public init?(_ text: some StringProtocol) {
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]),
      let host = Self.host(text[..<colon])
    else { return nil }
    self.host = host
    self.port = port
  }

  /// Reads a port, 1...65535.
  static func port(_ text: some StringProtocol) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(text), (1...65535).contains(port)
    else { return nil }
    return port
  }

  /// Reads a host: a name, an IPv4 address or an IPv6 address in brackets.
  static func host(_ text: some StringProtocol) -> String? {
    if text.hasPrefix("["), text.hasSuffix("]") {
      guard case .v6? = IPAddress(text.dropFirst().dropLast()) else { return nil }
      return String(text.dropFirst().dropLast())
    }
    return HostName.isValid(text) ? String(text) : nil
  }

  /// `host:port`, an IPv6 address in brackets.
  public var description: String { "\(host.asURLHost):\(port)" }
}

/// The address of a service: `https://10.0.0.13:8006`, `tcp://10.0.0.111:2376`, `ssh://root@10.0.0.13`.
public struct ServiceAddress: Hashable, Sendable, Codable, CustomStringConvertible {
  /// In small letters, such as `https`.
  public let scheme: String
  /// Before the `@`.
  public let user: String?
  /// A name or an address, without brackets.
  public let host: String
  /// As written, or what the scheme has by default (https 443, http 80, ssh 22, tcp 2376).
  public let port: Int
  /// From the first `/` after the host, without one at its end; often empty.
  public let path: String
  private let isPortWritten: Bool

  /// Reads an address with a scheme; nil for anything else, also for one with a password in it.
  public init?(_ text: some StringProtocol) {
    guard let end = text.firstRange(of: "://"), !text.utf8.contains(0x20) else { return nil }
    scheme = text[..<end.lowerBound].lowercased()
    guard let usual = Self.usualPorts[scheme] else { return nil }
    var rest = text[end.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = rest[slash...]
    while path.hasSuffix("/") { path.removeLast() }
    self.path = String(path)
    rest = rest[..<slash]
    if let at = rest.lastIndex(of: "@") {
      let user = rest[..<at]
      guard !user.isEmpty, !user.contains(":"), !user.contains("@") else { return nil }
      self.user = String(user)
      rest = rest[rest.index(after: at)...]
    } else {
      user = nil
    }
    if let whole = HostAndPort(rest) {
      (host, port, isPortWritten) = (whole.host, whole.port, true)
    } else if let host = HostAndPort.host(rest) {
      (self.host, port, isPortWritten) = (host, usual, false)
    } else {
      return nil
    }
  }

  private static let usualPorts = ["https": 443, "http": 80, "ssh": 22, "tcp": 2376]

  /// As it was written.
  public var description: String {
    "\(scheme)://\(user.map { $0 + "@" } ?? "")\(host.asURLHost)\(isPortWritten ? ":\(port)" : "")\(path)"
  }
}

extension String {
  /// As the host in a URL: an IPv6 address in brackets.
  public var asURLHost: String { contains(":") ? "[\(self)]" : self }
}
