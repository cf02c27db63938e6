import FoundationEssentials

/// How often a process is killed at moments nobody chose.
enum RandomKills {
  static let count = ProcessInfo.processInfo.environment["PHOENIX_RANDOM_KILLS"].flatMap { Int($0) } ?? 20
}
