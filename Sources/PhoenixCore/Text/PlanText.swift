/// A plan as people read it, with terraform's habits.
public enum PlanText {
  /// A field's values go in one line while it is no longer than this.
  static let lineLimit = 110

  /// Writes a plan.
  ///
  /// - Parameters:
  ///   - plan: What would be done.
  ///   - style: How it is dressed.
  /// - Returns: Lines, the last of them `Plan: 3 to create, 2 to update, 0 to delete, 1 held.`
  public static func render(_ plan: PlanReport, style: TextStyle = .plain) -> String {
    var blocks: [[String]] = []
    let remarks = remarks(plan, style)
    if !remarks.isEmpty { blocks.append(remarks) }
    for (system, changes) in bySystem(plan.changes) {
      blocks.append([style.bold(system.rawValue)] + changes.flatMap { lines(of: $0, style) })
    }
    if plan.changes.isEmpty { blocks.append([nothing(plan)]) }
    blocks.append([style.bold(summary(plan.changes))])
    return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  /// `Plan: 3 to create, 2 to update, 0 to delete, 1 held.`
  static func summary(_ changes: [ChangeReport]) -> String {
    let free = changes.filter { $0.held == nil }
    let count = { (kind: Change.Kind) in free.count { $0.change == kind } }
    return "Plan: \(count(.create)) to create, \(count(.update)) to update, \(count(.delete)) to delete, "
      + "\(changes.count - free.count) held."
  }

  private static func nothing(_ plan: PlanReport) -> String {
    if plan.findings.contains(where: { $0.severity == .error }) {
      return "Nothing would be changed, and not everything is as it should be: see the errors."
    }
    if plan.findings.contains(where: { $0.severity == .warning }) {
      return "Nothing would be changed. What the warnings name is not for Phoenix to mend."
    }
    return plan.systems.allSatisfy { $0.state == .readable }
      ? "Everything is as it should be." : "Everything that could be read is as it should be."
  }

  /// What is not a change: systems that cannot be read, and findings.
  private static func remarks(_ plan: PlanReport, _ style: TextStyle) -> [String] {
    let mark = style.dye("!", .yellow)
    let systems = plan.systems.filter { $0.state != .readable }.map { system in
      let how =
        system.state == .partly ? "can be read in part" : "cannot be read, and nothing of it is changed"
      let reason = (system.reason ?? "").escapedForTerminals
      return "\(mark) \(system.system.rawValue) \(how): \(reason)"
    }
    let findings = plan.findings.map(\.finding).inOrder.map { finding in
      let text = FindingsText.render([finding]).split(separator: "\n").map(String.init)
      return text.enumerated().map { $0 == 0 ? "\(mark) \($1)" : "  \($1)" }.joined(separator: "\n")
    }
    return systems + findings
  }

  /// The systems in the order in which their first change may run, those with held changes only at the end.
  private static func bySystem(_ changes: [ChangeReport]) -> [(SystemName, [ChangeReport])] {
    var order: [SystemName] = []
    for change in changes where !order.contains(change.resource.system) {
      order.append(change.resource.system)
    }
    return order.map { system in (system, changes.filter { $0.resource.system == system }) }
  }

  /// A change with its fields.
  static func lines(of change: ChangeReport, _ style: TextStyle) -> [String] {
    let reason = change.reason.escapedForTerminals
    let resource = change.resource.description.escapedForTerminals
    let head =
      if change.held == nil {
        "  \(mark(change.change, style)) \(resource) (\(risk(change.risk, style))): \(reason)"
      } else {
        "  \(style.dye("!", .yellow)) \(resource) "
          + "(\(change.change.rawValue), \(risk(change.risk, style))): \(reason)"
      }
    var lines = [head]
    if let held = change.held { lines.append("      held: \(held.escapedForTerminals)") }
    lines += change.fields.flatMap { Self.lines(of: $0, change.change, style) }
    if !change.after.isEmpty {
      lines.append(
        style.faint(
          "      after: \(change.after.map(\.description.escapedForTerminals).joined(separator: ", "))"))
    }
    return lines
  }

  private static func mark(_ kind: Change.Kind, _ style: TextStyle) -> String {
    switch kind {
    case .create: style.dye("+", .green)
    case .update: style.dye("~", .yellow)
    case .delete: style.dye("-", .red)
    }
  }

  private static func risk(_ risk: Risk, _ style: TextStyle) -> String {
    switch risk {
    case .safe: risk.rawValue
    case .disruptive: style.dye(risk.rawValue, .yellow)
    case .destructive: style.dye(risk.rawValue, .red)
    }
  }

  private static func lines(
    of field: FieldReport, _ kind: Change.Kind, _ style: TextStyle
  ) -> [String] {
    let name = field.field.escapedForTerminals
    let restart = field.pendingRestart ? style.dye(" (after restart)", .yellow) : ""
    let values =
      kind == .create && field.from == .none ? field.to.text : "\(field.from.text) -> \(field.to.text)"
    if name.count + values.count < lineLimit { return ["      \(name): \(values)\(restart)"] }
    guard case .list(let to) = field.to else { return ["      \(name): \(values)\(restart)"] }
    var from: [String] = []
    if case .list(let list) = field.from { from = list }
    return ["      \(name):\(restart)"] + lines(from: from, to: to, style)
  }

  /// A long list by its elements: those that go, then those that stay or come, in their order.
  private static func lines(from: [String], to: [String], _ style: TextStyle) -> [String] {
    let gone = from.filter { !to.contains($0) }
    return gone.map { "        \(style.dye("-", .red)) \($0.escapedForTerminals)" }
      + to.map { element in
        let mark = from.contains(element) ? " " : style.dye("+", .green)
        return "        \(mark) \(element.escapedForTerminals)"
      }
  }
}
