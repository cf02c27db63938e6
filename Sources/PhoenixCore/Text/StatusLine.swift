/// The state of everything in one line, as `systemctl status` shows it.
public enum StatusLine {
  /// Writes the line.
  ///
  /// - Parameters:
  ///   - status: What is, against what should be.
  ///   - refusal: Why the files on disk are not in force; nil when they are.
  /// - Returns: Such as `11 of 12 resources in sync, 1 held; step-ca cannot be read`.
  public static func render(_ status: StatusReport, refusal: String? = nil) -> String {
    let total = status.resources.count
    let right = status.resources.count { $0.state == .inSync }
    var text = right == total ? "\(total) resources in sync" : "\(right) of \(total) resources in sync"
    for state in [ResourceStatus.State.failed, .drifted, .pending, .held, .suspended, .unknown] {
      let count = status.resources.count { $0.state == state }
      if count > 0 { text += ", \(count) \(state.rawValue)" }
    }
    let silent = status.systems.filter { $0.state == .unreadable }.map(\.system.rawValue)
    if !silent.isEmpty { text += "; \(silent.joined(separator: ", ")) cannot be read" }
    let partly = status.systems.filter { $0.state == .partly }.map(\.system.rawValue)
    if !partly.isEmpty { text += "; \(partly.joined(separator: ", ")) can be read in part" }
    if status.isPaused { text += "; paused" }
    if let refusal { text += "; \(refusal)" }
    return text
  }
}
