import PhoenixCore

extension HTTPRequest {
  /// Scheme, host and port.
  var endpoint: String {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[1].isEmpty else { return "(no address)" }
    let host = parts[2].prefix { $0 != "?" && $0 != "#" }
    // A password that somebody wrote into the address is not repeated.
    return "\(parts[0])//\(host.split(separator: "@").last ?? "")"
  }

  /// Whether the address asks for TLS.
  var isSecure: Bool { url.utf8.starts(with: "https://".utf8) }

  /// Why the request cannot be sent; nil when it can. It names no value.
  var invalidity: String? {
    guard isSecure || url.utf8.starts(with: "http://".utf8) else {
      return "the address is no http:// or https:// URL"
    }
    guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return "the address is not percent-encoded"
    }
    // The scheme is there: the authority lies behind its slashes. By bytes, because every request is looked at.
    let slash = UInt8(ascii: "/")
    let authority = url.utf8.drop { $0 != slash }.drop { $0 == slash }.prefix { $0 != slash }
    guard !authority.contains(UInt8(ascii: "@")) else {
      return "the address holds a user name; send a header instead"
    }
    for header in headers {
      guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isToken) else {
        return "a header's name is no word"
      }
      let isClean =
        switch header.value {
        case .plain(let value): value.utf8.allSatisfy(\.isHeaderValue)
        case .secret(let secret): secret.reveal { $0.utf8.allSatisfy(\.isHeaderValue) }
        }
      guard isClean else {
        return "the header \(header.name) holds a line break or another control character"
      }
    }
    return nil
  }
}

extension UInt8 {
  /// A character of an HTTP token, but for the rarer punctuation.
  fileprivate var isToken: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  fileprivate var isHeaderValue: Bool { self == 0x09 || (self >= 0x20 && self != 0x7F) }
}
