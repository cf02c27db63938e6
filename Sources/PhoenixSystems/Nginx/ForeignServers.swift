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

  /// Finds the claims among statements of others' files.
  ///
  /// - Parameter lines: `FILE:LINE:STATEMENT`, as `NginxStatements` prints them.
  /// - Returns: A sentence for each claim, which names their line and ours.
  func claims(_ lines: [String]) -> [Nginx.Claim] {
    lines.flatMap { line -> [Nginx.Claim] in
      guard let (place, words) = statement(line) else { return [] }
      switch words.first {
      case "listen": return [listens(place, words.dropFirst())].compactMap { $0 }.map { Nginx.Claim($0) }
      case "server_name": return words.dropFirst().compactMap { serves(place, $0) }
      default: return []
      }
    }
  }

  /// Finds what our servers inherit among statements of others' files.
  ///
  /// - Parameter lines: `FILE:LINE:STATEMENT`, as `NginxStatements` prints them.
  /// - Returns: A sentence for each.
  func inherited(_ lines: [String]) -> [String] {
    lines.compactMap { line in
      guard let (place, words) = statement(line),
        let first = words.first.map(String.init), NginxStatements.inherited.contains(first)
      else { return nil }
      let text = words.joined(separator: " ").escapedForTerminals
      return "\(place) says `\(text)` for all servers, and so for the gateway's, too"
    }
  }

  /// Where a statement stands, for people, and its words; nil for ours.
  private func statement(_ line: String) -> (place: String, words: [Substring])? {
    // A file's name may hold colons; the first number between two of them is that of the line.
    let parts = line.split(separator: ":", omittingEmptySubsequences: false)
    guard let number = parts.dropFirst().dropLast().firstIndex(where: { Int($0) != nil }) else { return nil }
    let path = parts[..<number].joined(separator: ":")
    let text = parts[(number + 1)...].joined(separator: ":")
    guard path != gateway.path else { return nil }
    return ("\(path):\(parts[number])".escapedForTerminals, text.split(whereSeparator: \.isWhitespace))
  }

  /// A second default server is an error of nginx's, and an address of its own takes all that comes there.
  private func listens(_ place: String, _ words: ArraySlice<Substring>) -> String? {
    guard let word = words.first, !word.hasPrefix("unix:") else { return nil }
    let (address, ports) = Self.split(word)
    guard let port = [gateway.layout.httpPort, gateway.layout.httpsPort].first(where: ports.contains) else {
      return nil
    }
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

  private func serves(_ place: String, _ word: Substring) -> Nginx.Claim? {
    let plain = word.filter { !"\"'".contains($0) }.lowercased()
    // For nginx `.x` is x itself, too.
    let name = plain.hasPrefix(".") ? String(plain.dropFirst()) : plain
    guard names.contains(name) else { return nil }
    return Nginx.Claim(
      "\(place) serves \(plain.escapedForTerminals), as \(ours(file.serverName(name))) does", host: name)
  }

  private func ours(_ statement: String) -> String {
    file.line(of: statement).map { "\(gateway.path):\($0)" } ?? gateway.path
  }

  /// An address, "" for any, and its ports: 80 where only an address stands.
  private static func split(_ word: Substring) -> (address: Substring, ports: ClosedRange<Int>) {
    if let ports = ports(word) { return ("", ports) }
    guard let colon = word.lastIndex(of: ":"), let ports = ports(word[word.index(after: colon)...]) else {
      return (word, 80...80)
    }
    return (word[..<colon], ports)
  }

  /// A port, or the first and the last of several.
  private static func ports(_ word: Substring) -> ClosedRange<Int>? {
    let ends = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
    guard let first = ends.first.flatMap(\.self), let last = ends.last.flatMap(\.self), first <= last else {
      return nil
    }
    return first...last
  }
}
