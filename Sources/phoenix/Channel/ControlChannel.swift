import PhoenixCore
import PhoenixEngine

/// An answer, whose body comes piece by piece.
struct ControlAnswer: Sendable {
  let status: Int
  let body: AsyncThrowingStream<[UInt8], any Error>
}

/// The way to whatever keeps the systems: the daemon, or the same in this process.
protocol ControlChannel: Sendable {
  /// Asks, and returns when the answer begins.
  func send(
    _ method: String, _ path: String, query: [String: String], body: [UInt8]
  ) async throws(CommandError) -> ControlAnswer
  /// Ends what was begun with the channel.
  func close() async
}

extension ControlChannel {
  /// Asks, and returns what the answer holds.
  ///
  /// - Parameters:
  ///   - method: Such as `POST`.
  ///   - path: Such as `/v1/plan`.
  ///   - order: What is sent.
  ///   - accepted: The statuses beside 200 and 202 whose body is a result, too.
  /// - Returns: The result.
  /// - Throws: When no result came.
  func ask<Result: Decodable>(
    _ method: String, _ path: String, _ order: some Encodable & Sendable, accepted: Set<Int> = []
  ) async throws(CommandError) -> Result {
    let answer = try await send(method, path, query: [:], body: WireJSON.encode(order))
    let body = try await Self.whole(answer)
    guard accepted.union([200, 202]).contains(answer.status),
      let result = WireJSON.decode(Result.self, from: body)
    else { throw CommandError(answer: answer.status, body: body, doing: "\(method) \(path)") }
    return result
  }

  /// Asks a question.
  ///
  /// - Parameters:
  ///   - method: `GET`.
  ///   - path: Such as `/v1/explain`.
  ///   - query: What is asked, by name.
  /// - Returns: The answer.
  /// - Throws: When no answer came.
  func ask<Result: Decodable>(
    _ method: String, _ path: String, query: [String: String] = [:]
  ) async throws(CommandError) -> Result {
    let answer = try await send(method, path, query: query, body: [])
    let body = try await Self.whole(answer)
    guard answer.status == 200, let result = WireJSON.decode(Result.self, from: body) else {
      throw CommandError(answer: answer.status, body: body, doing: "\(method) \(path)")
    }
    return result
  }

  /// Without the daemon nothing has been looked at yet: looks at everything once.
  func lookFirst(_ global: GlobalOptions) async throws(CommandError) {
    guard global.standalone else { return }
    let _: PlanReport = try await ask("POST", "/v1/plan", PlanOrder())
  }

  /// Asks for a run, tells of its progress as it comes, and returns how it ended.
  func follow(
    _ path: String, _ order: some Encodable & Sendable,
    _ tell: @Sendable (ProgressLine) -> Void
  ) async throws(CommandError) -> RunReport {
    let answer = try await send("POST", path, query: [:], body: WireJSON.encode(order))
    guard answer.status == 200 else {
      throw CommandError(answer: answer.status, body: try await Self.whole(answer), doing: "POST \(path)")
    }
    var buffer: [UInt8] = []
    var result: RunReport?
    do {
      for try await piece in answer.body {
        buffer += piece
        while let end = buffer.firstIndex(of: 0x0A) {
          let line = WireJSON.decode(ProgressLine.self, from: Array(buffer[..<end]))
          buffer.removeSubrange(...end)
          if case .result(let report)? = line { result = report } else if let line { tell(line) }
        }
      }
    } catch {
      throw Self.broken(error)
    }
    guard let result else { throw Self.broken(nil) }
    return result
  }

  private static func whole(_ answer: ControlAnswer) async throws(CommandError) -> [UInt8] {
    var body: [UInt8] = []
    do {
      for try await piece in answer.body { body += piece }
    } catch {
      throw broken(error)
    }
    return body
  }

  private static func broken(_ error: (any Error)?) -> CommandError {
    let got = error.map { "the connection broke: \($0)" } ?? "the connection ended before the result came"
    return CommandError(
      ErrorReport(
        doing: "hear from phoenixd", got: got,
        hint: "`systemctl status phoenixd` tells how it fares, `phoenix status` what became of it"),
      status: ExitStatus.unreachable)
  }
}
