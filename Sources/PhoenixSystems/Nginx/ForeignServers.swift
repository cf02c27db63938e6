import PhoenixCore

/// Server blocks that are not ours and that claim what ours does. Pure.
enum ForeignServers {
  /// Finds the claims among lines of others' files.
  ///
  /// - Parameters:
  ///   - lines: `FILE:LINE:TEXT` of `listen` and `server_name` directives.
  ///   - gateway: Ours.
  /// - Returns: A sentence for each claim.
  static func claims(_ lines: [String], against gateway: Nginx.Gateway) -> [String] {
    lines.compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] != gateway.path else { return nil }
      let place = "\(parts[0]):\(parts[1])".escapedForTerminals
      let statement = parts[2].prefix { $0 != ";" && $0 != "#" }
      let words = statement.split(whereSeparator: \.isWhitespace)
      switch words.first {
      case "listen":
        guard words.contains("default_server") || words.contains("default"), words.count > 1,
          listensOn443(words[1])
        else { return nil }
        return "\(place) is the default server of port 443"
      case "server_name":
        guard let host = words.dropFirst().first(where: { gateway.hosts.contains($0.lowercased()) }) else {
          return nil
        }
        return "\(place) serves \(host)"
      default: return nil
      }
    }
  }

  private static func listensOn443(_ word: Substring) -> Bool {
    word == "443" || word.hasSuffix(":443")
  }
}
