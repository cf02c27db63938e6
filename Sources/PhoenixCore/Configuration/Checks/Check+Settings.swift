extension ConfigurationCheck {
  /// Settings that are of their shape and make no sense.
  func settings() -> [Finding] {
    var findings: [Finding] = []
    for member in (nodes.daemon?["intervals"]?.members ?? []) + (nodes.daemon?["timeouts"]?.members ?? []) {
      guard let text = member.value.string, let length = Duration(configurationText: text),
        length < .seconds(1)
      else { continue }
      findings.append(
        Finding(
          .error, at: member.value.location,
          "\(member.key.escapedForTerminals): less than 1s is not possible",
          hint: "write 30s"))
    }
    let policy = nodes.daemon?["policy"]
    let allowances =
      [policy?["allow"]].compactMap { $0 } + (policy?["windows"]?.elements ?? []).compactMap { $0["allow"] }
    for risk in allowances.flatMap(\.elements) where risk.string == Risk.destructive.rawValue {
      findings.append(
        Finding(
          .error, at: risk.location, "no policy can allow what is destructive",
          hint: "take it out; an operator allows it with --allow destructive"))
    }
    return findings
  }
}
