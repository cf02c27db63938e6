import Glibc
import PhoenixCore
import PhoenixEngine

extension GlobalOptions {
  /// Shows the plan of what a verb is about, instead of carrying it out.
  ///
  /// - Parameters:
  ///   - purpose: The verb.
  ///   - targets: What it is about; none for everything.
  ///   - allow: What it would be allowed.
  /// - Throws: A `CommandError` when nothing is called that, or a system cannot be read.
  func showPlan(_ purpose: String, _ targets: [String] = [], allow: [Risk] = []) async throws {
    try await RunCommand(global: self, path: "/v1/apply", purpose: purpose).run(
      ApplyOrder(targets: targets, allow: allow, isDryRun: true), targets.compactMap { Target($0) })
  }
}

/// A verb that starts a run and tells of its progress.
struct RunCommand: Sendable {
  let global: GlobalOptions
  let path: String
  let purpose: String
  /// Whether a change that is held counts as a failure: when the operator asked for it.
  var wantsHeld = true

  /// Runs it, and writes how it went.
  ///
  /// - Parameters:
  ///   - order: What is sent.
  ///   - targets: What it is about.
  /// - Throws: A `CommandError` when what was asked for is not done.
  func run(_ order: some Encodable & Sendable, _ targets: [Target]) async throws {
    let style = Terminal.style(global.color, descriptor: STDERR_FILENO)
    let isStandalone = global.standalone
    let (result, unknown) = try await global.withChannel(purpose) { channel in
      Interrupt.first {
        if isStandalone {
          Terminal.tell("phoenix: stopping; what is under way is ended first\n")
          Task { _ = try? await channel.send(.order("/v1/cancel", CancelOrder())) }
        } else {
          Terminal.tell(
            "phoenix: the run goes on in phoenixd; `phoenix status` shows it, `phoenix apply --cancel` stops it\n"
          )
          _exit(ExitStatus.interrupted)
        }
      }
      let result = try await channel.follow(.order(path, order)) { line in
        if let text = ProgressText.line(line, style) { Terminal.tell(text + "\n") }
      }
      return (result, try await unreadable(after: result, targets, channel))
    }
    try finish(result, targets, unknown)
  }

  /// A run that found nothing to do about what cannot be read has not found it right.
  private func unreadable(
    after result: RunReport, _ targets: [Target], _ channel: any ControlChannel
  ) async throws -> ResourceReport? {
    guard result.outcomes.isEmpty, result.plan == nil, result.refusal == nil, !targets.isEmpty else {
      return nil
    }
    let status: StatusReport = try await channel.ask(.question("/v1/status"))
    return status.resources.first { report in
      report.state == .unknown && targets.contains { $0.matches(report.resource) }
    }
  }

  private func finish(_ result: RunReport, _ targets: [Target], _ unknown: ResourceReport?) throws {
    if let plan = result.plan {
      global.write(plan) { PlanText.render(plan, style: $0) }
      if plan.isUnreadable(targets) { throw CommandError(status: ExitStatus.unreachable) }
      return
    }
    if unknown == nil || global.json { global.write(result) { OutcomeText.render(result, style: $0) } }
    let isFailed = result.outcomes.contains { !$0.isSuccess && (wantsHeld || !$0.isHeld) }
    if result.refusal != nil || isFailed { throw CommandError(status: ExitStatus.failed) }
    if let unknown {
      throw CommandError(
        ErrorReport(
          doing: "\(purpose) \(unknown.resource)",
          got: "it cannot be read: \(unknown.detail ?? "no reason is known")",
          hint: "`phoenix explain \(unknown.resource)` says more"), status: ExitStatus.unreachable)
    }
    if result.systems.isUnreadable(targets) { throw CommandError(status: ExitStatus.unreachable) }
  }
}
