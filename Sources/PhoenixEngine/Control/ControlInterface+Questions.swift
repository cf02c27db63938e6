import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// What an administrator asks about single things.
extension ControlInterface {
  /// Why a resource stands as it does: `?resource=system/kind/name`.
  func explain(_ request: ServerRequest) async -> ServerResponse {
    guard let text = request.query["resource"], let resource = ResourceID(parsing: text) else {
      return .error(
        400, doing: request.purpose, expected: "?resource=system/kind/name",
        got: request.query["resource"]?.quotedForPeople ?? "none")
    }
    guard let report = await engine.explanation(of: resource) else {
      return .unknown(text, among: await engine.report.resources.map(\.resource), request)
    }
    return .json(report)
  }

  /// The certificates that are kept.
  func certificates() async -> ServerResponse { .json(["certificates": await engine.certificates]) }

  /// What happened: `?since=` in seconds since 1970, `?resource=`, `?limit=`.
  func history(_ request: ServerRequest) async -> ServerResponse {
    let numbers = ["since", "limit"].map { request.query[$0].map { Int64($0) } }
    guard !numbers.contains(.some(.none)) else {
      return .error(400, doing: request.purpose, expected: "whole numbers for since and limit", got: "others")
    }
    let since = numbers[0].flatMap { $0 }.map { WallTime(seconds: $0) }
    let limit = Int(min(max(numbers[1].flatMap { $0 } ?? 1000, 1), 10_000))
    var matching: [JournalField: String] = [:]
    if let name = request.query["resource"] {
      // What the files no longer name has a history, too.
      if ResourceID(parsing: name) != nil {
        matching[.resource] = name
      } else if let system = SystemName(rawValue: name) {
        matching[.system] = system.rawValue
      } else {
        let known = await engine.report.resources.map(\.resource)
        return .unknown(name, among: known, request)
      }
    }
    do throws(Failure) {
      let (history, fields) = (surroundings.history, matching)
      let entries = try await Blocking.run { () throws(Failure) -> [JournalHistory.Entry] in
        try history.entries(since: since, matching: fields, limit: limit)
      }
      return .json(HistoryReport(entries))
    } catch {
      return .json(ErrorReport(error), status: 500)
    }
  }
}
