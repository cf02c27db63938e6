import PhoenixCore

/// What everybody may know: counts, and no names.
public struct SummaryReport: Hashable, Sendable, Codable {
  /// The version of the daemon.
  public let version: String
  /// Resources, by how they stand.
  public let resources: [String: Int]
  /// Systems, by how readable they were.
  public let systems: [String: Int]
  /// Whether everything is left alone.
  public let isPaused: Bool
  /// When the next look is due, such as 2026-11-23T04:05:06Z; nil while a run is under way.
  public let nextPass: String?

  enum CodingKeys: String, CodingKey {
    case version, resources, systems
    case isPaused = "paused"
    case nextPass = "next_pass"
  }

  /// Makes the summary of a report.
  public init(_ report: EngineReport) {
    version = PhoenixVersion.current
    resources = Dictionary(report.resources.map { ($0.state.rawValue, 1) }, uniquingKeysWith: +)
    systems = Dictionary(
      SystemReport.list(report.systems).map { ($0.state.rawValue, 1) }, uniquingKeysWith: +)
    isPaused = report.isPaused
    nextPass = report.nextPass?.utcText
  }
}
