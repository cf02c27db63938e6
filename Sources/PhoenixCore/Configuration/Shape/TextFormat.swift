/// What a string in one of the users' files may hold.
public enum TextFormat: Sendable, Hashable, CaseIterable {
  /// One line, possibly empty.
  case line
  /// Any text, with line breaks.
  case lines
  /// One line that is not empty.
  case name
  /// The number of a guest.
  case guestID
  /// `10.0.0.13`
  case address
  /// Addresses with spaces or commas between.
  case addressList
  /// `10.0.0.0/24`
  case block
  /// `10.0.0.10/24` or `dhcp`.
  case blockOrDHCP
  /// `BC:24:11:00:01:03`
  case mac
  /// `80`, `80,443`, `8000:8010`
  case ports
  /// `8080:80`
  case portPair
  /// Whom a firewall rule is about: addresses, networks, ranges, `+set`, an alias.
  case peers
  /// `30s`, `10m`
  case duration
  /// `https://10.0.0.13:8006`
  case webAddress
  /// `tcp://10.0.0.111:2376`
  case dockerAddress
  /// `ssh://root@10.0.0.13`, or `local`
  case hypervisorAddress
  /// `10.0.0.153:443` or `qdrant.internal.example:443`
  case endpoint
  /// A DNS name or a part of one.
  case hostName
  /// A name that a certificate may bear: a DNS name, `*.` before it, or an address.
  case certificateName
  /// A path from the root.
  case absolutePath
  /// A path from the root, or from the configuration directory; never out of it by `..`.
  case path
  /// What Docker takes for a stack's name.
  case stackName
  /// `root:www-data`
  case owner
  /// `640`
  case mode
  /// `02:00`
  case timeOfDay
  /// `Sat`, `Mon-Fri`, `Sat,Sun`
  case weekdays
  /// SHA-256 in hexadecimal.
  case fingerprint
  /// The name of a systemd credential or of a file beside the others: no path.
  case fileName
  /// `nginx`, `traefik`, `docker-api`, `portainer`, `unit NAME`
  case consumer
  /// `key=value`
  case keyValue

  /// What is expected, for a message: `an address such as 10.0.0.13`.
  public var expectation: String { rule.expectation }

  /// A regular expression (ECMA 262) that every accepted string matches; nil where there is none.
  public var pattern: String? { rule.pattern }

  /// Whether a string is of the format.
  public func accepts(_ text: String) -> Bool {
    if self == .lines { return !text.utf8.contains(0) }
    return !text.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }
      && rule.accepts(text)
  }

  private typealias Rule = (expectation: String, pattern: String?, accepts: @Sendable (String) -> Bool)

  private var rule: Rule {
    switch self {
    case .line: ("one line of text", nil, { _ in true })
    case .lines: ("text without zero bytes", nil, { _ in true })
    case .name: ("text that is not empty", "\\S", { !$0[...].trimmed.isEmpty })
    case .guestID:
      (
        "the number of a guest, 100 to 999999999", "^[1-9][0-9]{2,8}$",
        {
          (3...9).contains($0.utf8.count) && $0.utf8.first != 0x30
            && $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
      )
    case .address: ("an address such as 10.0.0.13", "^[0-9a-fA-F:.]+$", { IPAddress($0) != nil })
    case .addressList:
      ("addresses such as 10.0.0.13 8.8.8.8", "^[0-9a-fA-F:., ]+$", { !Self.addresses($0).isEmpty })
    case .block: ("a network such as 10.0.0.0/24", "^[0-9a-fA-F:.]+/[0-9]{1,3}$", Self.isBlock)
    case .blockOrDHCP:
      (
        "an address with its prefix, such as 10.0.0.10/24, or dhcp", "^(dhcp|[0-9a-fA-F:.]+/[0-9]{1,3})$",
        { $0 == "dhcp" || Self.isBlock($0) }
      )
    case .mac:
      (
        "a hardware address such as BC:24:11:00:01:03", "^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$",
        { MACAddress($0) != nil }
      )
    case .ports:
      ("ports such as 80, 80,443 or 8000:8010", "^[a-z0-9:, ]+$", { PortRange.list($0) != nil })
    case .portPair:
      (
        "two ports such as 8080:80", "^[0-9]{1,5}:[0-9]{1,5}(/(tcp|udp))?$", Self.isPortPair
      )
    case .peers:
      (
        "addresses, networks or sets such as 10.0.0.0/24, 10.0.0.12", "^[0-9a-zA-Z:.,/+_ -]+$",
        { FirewallPeer.list($0) != nil }
      )
    case .duration:
      (
        "a duration such as 30s, 10m or 1h30m", "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
        { Duration(configurationText: $0) != nil }
      )
    case .webAddress:
      (
        "an address such as https://10.0.0.13:8006", "^https://[^ ]+$",
        { ServiceAddress($0)?.scheme == "https" }
      )
    case .dockerAddress:
      (
        "an address such as tcp://10.0.0.111:2376", "^tcp://[^ ]+$",
        { ServiceAddress($0).map { $0.scheme == "tcp" && $0.path.isEmpty } == true }
      )
    case .hypervisorAddress:
      (
        "an address such as ssh://root@10.0.0.13, or local", "^(local|ssh://[^ ]+)$",
        { $0 == "local" || ServiceAddress($0)?.scheme == "ssh" }
      )
    case .endpoint:
      (
        "a host and a port such as 10.0.0.153:443", "^[0-9a-zA-Z:.\\[\\]-]+:[0-9]{1,5}$",
        { HostAndPort($0) != nil }
      )
    case .hostName:
      (
        "a host name of letters, digits, hyphens and dots",
        "^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$",
        { HostName.isValid($0) }
      )
    case .certificateName:
      (
        "a host name such as nginx.internal.example, *.internal.example or an address",
        "^(\\*\\.)?[0-9a-zA-Z:.-]+$",
        { IPAddress($0) != nil || HostName.isValid($0.hasPrefix("*.") ? $0.dropFirst(2) : $0[...]) }
      )
    case .absolutePath:
      (
        "a path from the root without . and .., such as /etc/nginx/ssl/nginx.crt", "^/[^/]+(/[^/]+)*$",
        Self.isAbsolutePath
      )
    case .path:
      ("a path without .., such as stacks/qdrant_service/docker-compose.yml", "^(?!\\.\\./).", Self.isPath)
    case .stackName:
      (
        "a name of letters, digits, _, - and ., such as qdrant_service", "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
        { StackReference.isValidName($0) }
      )
    case .owner:
      (
        "a user and a group such as root:www-data", "^[a-zA-Z0-9_.-]+:[a-zA-Z0-9_.-]+$",
        { FileOwner($0) != nil }
      )
    case .mode: ("permissions such as 640", "^0?[0-7]{3}$", { FileMode(octal: $0) != nil })
    case .timeOfDay: ("a time such as 02:00", "^[0-2][0-9]:[0-5][0-9]$", { WeeklyTime.minutes($0) != nil })
    case .weekdays:
      (
        "days such as Sat, Mon-Fri or Sat,Sun", "^[A-Za-z]{3}([,-] ?[A-Za-z]{3})*$",
        { WeeklyTime.days($0) != nil }
      )
    case .fingerprint:
      (
        "64 hexadecimal digits", "^[0-9a-fA-F]{64}$",
        { $0.utf8.count == 64 && $0.utf8.allSatisfy(\.isHexDigit) }
      )
    case .fileName:
      ("a name without /", "^[^/]+$", { !$0.isEmpty && !$0.contains("/") && $0 != "." && $0 != ".." })
    case .consumer:
      (
        "nginx, traefik, docker-api, portainer or unit NAME",
        "^(nginx|traefik|docker-api|portainer|unit [a-zA-Z0-9@:_.\\\\-]+)$",
        { CertificateConsumer($0) != nil }
      )
    case .keyValue: ("key=value", "^[^=]+=", { $0.utf8.first != UInt8(ascii: "=") && $0.contains("=") })
    }
  }

  /// The addresses of a list with spaces or commas between; none when one is none.
  static func addresses(_ text: String) -> [IPAddress] {
    let parts = text.split { $0 == " " || $0 == "," }
    let addresses = parts.compactMap { IPAddress($0) }
    return addresses.count == parts.count ? addresses : []
  }

  private static func isBlock(_ text: String) -> Bool { text.contains("/") && AddressBlock(text) != nil }

  private static func isPortPair(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let ports = parts[0].split(separator: ":", omittingEmptySubsequences: false)
    return parts.count <= 2 && (parts.count == 1 || ["tcp", "udp"].contains(parts[1]))
      && ports.count == 2 && ports.allSatisfy { HostAndPort.port($0) != nil }
  }

  private static func isPath(_ text: String) -> Bool {
    (1..<4096).contains(text.utf8.count) && !text.split(separator: "/").contains("..")
  }

  private static func isAbsolutePath(_ text: String) -> Bool {
    guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count > 1, text.utf8.count < 4096 else {
      return false
    }
    return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }
  }
}

extension UInt8 {
  /// Whether it is the ASCII code of a hexadecimal digit.
  fileprivate var isHexDigit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }
}
