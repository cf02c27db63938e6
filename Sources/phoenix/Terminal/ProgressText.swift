import PhoenixCore
import PhoenixEngine

/// What a run does, as it does it.
enum ProgressText {
  /// The line for people; nil for what needs none.
  static func line(_ line: ProgressLine, _ style: TextStyle) -> String? {
    switch line {
    case .accepted, .result: nil
    case .planned(_, let changes, let held):
      "\(changes) to do, \(held) held"
    case .began(let resource, let change, let reason):
      "\(resource): \(change.rawValue) begins: \(reason)".escapedForTerminals
    case .ended(let outcome): OutcomeText.line(of: outcome, style)
    case .held(let resource, let reason): "\(resource) is held: \(reason)".escapedForTerminals
    case .system(let system):
      "\(system.system.rawValue): \(system.state.rawValue)\(system.reason.map { ": \($0)" } ?? "")"
        .escapedForTerminals
    }
  }
}
