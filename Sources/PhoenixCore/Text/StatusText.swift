/// A status as people read it.
public enum StatusText {
  /// Writes a status: the systems, the resources that are not in sync first, and a summary.
  ///
  /// - Parameters:
  ///   - status: What is, against what should be.
  ///   - style: How it is dressed.
  /// - Returns: Lines, the last of them `12 resources: 11 in sync, 1 drifted.` and when the next look is due.
  public static func render(_ status: StatusReport, style: TextStyle = .plain) -> String {
    var blocks: [[String]] = []
    if !status.systems.isEmpty { blocks.append(systems(status, style)) }
    let findings = status.findings.map(\.finding).inOrder
    if !findings.isEmpty {
      let text = FindingsText.render(findings).split(separator: "\n").map { "  \($0)" }
      blocks.append([style.bold("Findings")] + text)
    }
    if !status.resources.isEmpty { blocks.append(resources(status, style)) }
    blocks.append([summary(status)])
    return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  /// The word for a state.
  static func word(_ state: ResourceStatus.State) -> String {
    state == .inSync ? "in sync" : state.rawValue
  }

  private static let order: [ResourceStatus.State] =
    [.failed, .drifted, .held, .pending, .unknown, .suspended, .inSync]

  private static func systems(_ status: StatusReport, _ style: TextStyle) -> [String] {
    let rows = status.systems.map { system in
      [
        system.system.rawValue, system.state.rawValue, (system.reason ?? "").escapedForTerminals,
      ]
    }
    return [style.bold("Systems")]
      + TableText.render(rows) { text, column in
        switch (column, text) {
        case (1, SystemReport.State.readable.rawValue): style.dye(text, .green)
        case (1, SystemReport.State.partly.rawValue): style.dye(text, .yellow)
        case (1, _): style.dye(text, .red)
        default: text
        }
      }
  }

  private static func resources(_ status: StatusReport, _ style: TextStyle) -> [String] {
    let sorted = order.flatMap { state in status.resources.filter { $0.state == state } }
    let rows = sorted.map { resource in
      [
        word(resource.state), resource.resource.description.escapedForTerminals, "since \(resource.since)",
        (resource.detail ?? "").escapedForTerminals,
      ]
    }
    return [style.bold("Resources")]
      + TableText.render(rows) { text, column in
        guard column == 0, let state = order.first(where: { word($0) == text }) else { return text }
        return dye(text, state, style)
      }
  }

  private static func dye(_ text: String, _ state: ResourceStatus.State, _ style: TextStyle) -> String {
    switch state {
    case .inSync: style.dye(text, .green)
    case .failed: style.dye(text, .red)
    case .drifted, .held, .pending, .unknown: style.dye(text, .yellow)
    case .suspended: style.dye(text, .blue)
    }
  }

  /// `12 resources: 1 drifted, 11 in sync.` with what is under way and what comes next.
  static func summary(_ status: StatusReport) -> String {
    let counts = order.compactMap { state -> String? in
      let count = status.resources.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(word(state))"
    }
    let total = status.resources.count
    let head = "\(total) resource\(total == 1 ? "" : "s")"
    var text = counts.isEmpty ? "\(head)." : "\(head): \(counts.joined(separator: ", "))."
    if status.isPaused { text += " Everything is paused; `phoenix resume all` ends that." }
    if !status.active.isEmpty {
      text +=
        " Being changed now: \(status.active.map(\.description.escapedForTerminals).joined(separator: ", "))."
    }
    return text + (status.nextPass.map { " Next look at \($0)." } ?? " A look is under way.")
  }
}
