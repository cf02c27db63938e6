/// Why a resource stands as it does, as people read it.
public enum ExplanationText {
  /// Writes an explanation.
  ///
  /// - Parameters:
  ///   - explanation: What is known of the resource.
  ///   - style: How it is dressed.
  /// - Returns: Lines: how it stands, then one line for each thing there is to say.
  public static func render(_ explanation: ExplanationReport, style: TextStyle = .plain) -> String {
    let status = explanation.status
    var lines = [
      style.bold(status.resource.description.escapedForTerminals)
        + ": \(StatusText.word(status.state)) since \(status.since)"
    ]
    add("why", status.detail, &lines)
    add("declared at", explanation.declaredAt ?? "nowhere", &lines)
    add("identity on record", explanation.identity, &lines)
    if let system = explanation.system, system.state != .readable {
      add("its system", "\(system.state.rawValue): \(system.reason ?? "")", &lines)
    }
    for requirement in explanation.requires {
      let state = requirement.state == .notReady ? "not ready" : requirement.state.rawValue
      let reason = requirement.reason.map { ": \($0)" } ?? ""
      add("requires", "\(requirement.resource) (\(state)\(reason))", &lines)
    }
    for resource in explanation.neededBy { add("needed by", resource.description, &lines) }
    if let trouble = explanation.trouble {
      let times = trouble.attempts == 1 ? "once" : "\(trouble.attempts) times"
      add("failed", "\(times), last at \(trouble.since): \(trouble.reason)", &lines)
      add("tried again", trouble.nextTry, &lines)
    }
    if let change = explanation.change { lines += [""] + PlanText.lines(of: change, style) }
    let findings = explanation.findings.map(\.finding).inOrder
    if !findings.isEmpty { lines.append("\n" + FindingsText.render(findings).dropLast()) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func add(_ name: String, _ value: String?, _ lines: inout [String]) {
    if let value { lines.append("  \(name): \(value.escapedForTerminals)") }
  }
}
