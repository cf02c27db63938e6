/// How a run went, as people read it.
public enum OutcomeText {
  /// Writes how a run went: a line an action, and a last line that counts.
  ///
  /// - Parameters:
  ///   - run: How it went.
  ///   - style: How it is dressed.
  /// - Returns: Lines, the last of them such as `Result: 2 done, 1 failed, 1 held.`
  public static func render(_ run: RunReport, style: TextStyle = .plain) -> String {
    var lines = run.systems.filter { $0.state != .readable }.map { system in
      let how =
        system.state == .partly ? "can be read in part" : "cannot be read, and nothing of it was changed"
      return "\(style.dye("!", .yellow)) \(system.system.rawValue) \(how): "
        + (system.reason ?? "").escapedForTerminals
    }
    lines += run.outcomes.map { line(of: $0, style) }
    if let refusal = run.refusal {
      lines.append(style.dye("Nothing was done: ", .red) + refusal.escapedForTerminals)
    } else {
      lines.append(style.bold(summary(run.outcomes)))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line: the resource, how it ended, how long it took, and why.
  public static func line(of outcome: OutcomeReport, _ style: TextStyle) -> String {
    let word = outcome.outcome.split(separator: "_").joined(separator: " ")
    let time = outcome.attempts == 0 ? "" : " (\(seconds(outcome.seconds)))"
    let reason = outcome.reason.map { ": \($0.escapedForTerminals)" } ?? ""
    let colour: TextStyle.Colour = outcome.isSuccess ? .green : outcome.isHeld ? .yellow : .red
    return "\(outcome.resource.description.escapedForTerminals) \(style.dye(word, colour))\(time)\(reason)"
  }

  static func summary(_ outcomes: [OutcomeReport]) -> String {
    if outcomes.isEmpty { return "Nothing to do." }
    let done = outcomes.count { $0.isSuccess }
    let held = outcomes.count { $0.isHeld }
    return "Result: \(done) done, \(outcomes.count - done - held) failed, \(held) held."
  }

  /// Seconds with one decimal.
  static func seconds(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
