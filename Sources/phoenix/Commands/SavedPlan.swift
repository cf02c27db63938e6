import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost

/// A plan that `phoenix plan --out` wrote and `phoenix apply --plan` carries out.
struct SavedPlan: Codable, Sendable {
  /// How long it may be carried out.
  private static let lifetime = Duration.seconds(3600)
  private static let currentFormat = 1

  let format: Int
  /// When it was made, in seconds since 1970.
  let made: Int64
  /// What it was about, and what is allowed.
  let order: PlanOrder
  let plan: PlanReport

  init(_ plan: PlanReport, _ order: PlanOrder) {
    format = Self.currentFormat
    made = HostClock.system.wall().seconds
    self.order = order
    self.plan = plan
  }

  /// Reads a saved plan.
  ///
  /// - Throws: When there is none, or it is too old.
  init(path: String) throws(CommandError) {
    let doing = "read the plan \(path)"
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try AtomicFile.read(path, limit: 64 << 20)
    } catch {
      throw CommandError(error.failure(doing: doing))
    }
    guard let saved = WireJSON.decode(SavedPlan.self, from: bytes), saved.format == Self.currentFormat else {
      throw CommandError(
        ErrorReport(
          doing: doing, expected: "what `phoenix plan --out` writes", got: "something else",
          hint: "make a new one: phoenix plan --out \(path)"),
        status: ExitStatus.usage)
    }
    let age = HostClock.system.wall() - WallTime(seconds: saved.made)
    guard age >= .seconds(-1), age < Self.lifetime else {
      throw CommandError(
        ErrorReport(
          doing: doing, expected: "a plan of the last hour",
          got: "one made at \(WallTime(seconds: saved.made).utcText)",
          hint: "make a new one: phoenix plan --out \(path)"),
        status: ExitStatus.failed)
    }
    self = saved
  }

  /// The content of its file.
  var bytes: [UInt8] { WireJSON.encodePretty(self) + [0x0A] }
}
