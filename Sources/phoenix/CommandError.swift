import PhoenixCore
import PhoenixEngine

/// Why the command ends without having done what it should.
struct CommandError: Error {
  /// What to exit with.
  let status: Int32
  /// What is told on stderr; empty when everything was told already.
  let text: String

  /// An end of which everything was told already.
  init(status: Int32) {
    self.status = status
    text = ""
  }

  init(_ report: ErrorReport, status: Int32) {
    self.status = status
    var text = "phoenix: \(report.doing): \(report.got)"
    if let expected = report.expected { text += " (expected \(expected))" }
    text = text.escapedForTerminals + "\n"
    if let hint = report.hint { text += "  hint: \(hint.escapedForTerminals)\n" }
    self.text = text + FindingsText.render((report.findings ?? []).map(\.finding))
  }

  init(_ failure: Failure, status: Int32 = ExitStatus.failed) {
    self.init(ErrorReport(failure), status: status)
  }

  /// What the daemon answered instead of a result.
  init(answer status: Int, body: [UInt8], doing: String) {
    let report =
      WireJSON.decode(ErrorReport.self, from: body)
      ?? ErrorReport(
        doing: doing, expected: "a result", got: "HTTP \(status)",
        hint: "is what listens there a phoenixd of this version?")
    self.init(report, status: Self.exitStatus(answer: status))
  }

  private static func exitStatus(answer status: Int) -> Int32 {
    switch status {
    case 400, 404, 405: ExitStatus.usage
    case 403: ExitStatus.permission
    case 422: ExitStatus.configuration
    case 503: ExitStatus.unreachable
    default: ExitStatus.failed
    }
  }
}
