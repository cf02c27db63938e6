import PhoenixCore

/// What a router's rule says of host names, as far as it takes to know that it leaves one alone. Pure.
struct RouterRule {
  private let text: String

  init(_ text: String) { self.text = text.lowercased() }

  /// Whether requests for a host may match: unless each alternative names hosts, and not this one. What is not
  /// understood may match.
  func mayTake(_ host: String) -> Bool {
    alternatives.contains { alternative in
      guard !alternative.contains("!"), !alternative.contains("hostregexp"),
        let call = alternative.firstRange(of: "host("),
        let end = alternative[call.upperBound...].firstIndex(of: ")")
      else { return true }
      let names = alternative[call.upperBound..<end].split(separator: ",").map {
        $0.filter { !"`\"' ".contains($0) }
      }
      return names.isEmpty || names.contains(host.lowercased())
    }
  }

  private var alternatives: [Substring] { text.split(separator: "||", omittingEmptySubsequences: false) }
}
