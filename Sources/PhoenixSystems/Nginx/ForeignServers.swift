import PhoenixCore

/// Server blocks that are not ours and that claim what ours does. Pure.
struct ForeignServers {
  private let gateway: Nginx.Gateway
  private let file: GatewayFile
  private let names: Set<String>

  init(against gateway: Nginx.Gateway) {
    self.gateway = gateway
    // The lines are the same in every generation.
    file = GatewayFile(gateway: gateway, generation: "any")
    names = Set(gateway.hosts.map(\.name) + [GatewayFile.hashHost])
  }

  /// Finds the claims among lines of others' files.
  ///
  /// - Parameter lines: `FILE:LINE:TEXT` of lines that hold `listen` and `server_name` directives.
  /// - Returns: A sentence for each claim, which names their line and ours.
  func claims(_ lines: [String]) -> [String] {
    lines.flatMap { line -> [String] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] != gateway.path else { return [] }
      let place = "\(parts[0]):\(parts[1])".escapedForTerminals
      return parts[2].prefix { $0 != "#" }.split { ";{}".contains($0) }.flatMap { statement -> [String] in
        let words = statement.split(whereSeparator: \.isWhitespace)
        switch words.first {
        case "listen": return [listens(place, words.dropFirst())].compactMap { $0 }
        case "server_name": return words.dropFirst().compactMap { serves(place, $0) }
        default: return []
        }
      }
    }
  }

  /// A second default server is an error of nginx's, and an address of its own takes all that comes there.
  private func listens(_ place: String, _ words: ArraySlice<Substring>) -> String? {
    guard let word = words.first, !word.hasPrefix("unix:") else { return nil }
    let (address, port) = Self.split(word)
    guard [gateway.layout.httpPort, gateway.layout.httpsPort].contains(port) else { return nil }
    let ours = ours(file.defaultListen(port))
    if address == "[::]", !words.contains("ipv6only=off") { return nil }
    guard ["", "*", "0.0.0.0", "[::]"].contains(address) else {
      return address.hasPrefix("[")
        ? nil
        : "\(place) listens on \(String(word).escapedForTerminals), which goes before port \(port) of any address, "
          + "as \(ours) has it"
    }
    return words.contains("default_server") || words.contains("default")
      ? "\(place) is the default server of port \(port), as \(ours) is" : nil
  }

  private func serves(_ place: String, _ word: Substring) -> String? {
    let name = word.trimmed(of: "\"'").lowercased()
    return names.contains(name) ? "\(place) serves \(name), as \(ours(file.serverName(name))) does" : nil
  }

  private func ours(_ statement: String) -> String {
    file.line(of: statement).map { "\(gateway.path):\($0)" } ?? gateway.path
  }

  /// An address, "" for any, and a port, which is 80 where only an address stands.
  private static func split(_ word: Substring) -> (address: Substring, port: Int) {
    if let port = Int(word) { return ("", port) }
    guard let colon = word.lastIndex(of: ":"), let port = Int(word[word.index(after: colon)...]) else {
      return (word, 80)
    }
    return (word[..<colon], port)
  }
}

extension Substring {
  /// Without quotes around it.
  fileprivate func trimmed(of characters: String) -> Substring {
    var rest = self.drop { characters.contains($0) }
    while let last = rest.last, characters.contains(last) { rest.removeLast() }
    return rest
  }
}
