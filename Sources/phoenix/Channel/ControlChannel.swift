import PhoenixCore
import PhoenixEngine
import PhoenixNetwork

/// An answer, whose body comes piece by piece.
struct ControlAnswer: Sendable {
  let status: Int
  let body: AsyncThrowingStream<[UInt8], any Error>
}

/// What is asked of whatever keeps the systems.
struct ControlRequest: Sendable {
  /// GET for a question, POST for an order.
  let method: HTTPRequest.Method
  /// Such as `/v1/plan`.
  let path: String
  /// What a question is about, by name.
  let query: [String: String]
  /// What is ordered; nil with a question.
  let body: [UInt8]?

  static func question(_ path: String, _ query: [String: String] = [:]) -> ControlRequest {
    ControlRequest(method: .get, path: path, query: query, body: nil)
  }

  static func order(_ path: String, _ order: some Encodable) -> ControlRequest {
    ControlRequest(method: .post, path: path, query: [:], body: WireJSON.encode(order))
  }

  /// What is asked, for people.
  var purpose: String { ControlInterface.purpose(of: path) }
}

/// The way to whatever keeps the systems: the daemon, or the same in this process.
protocol ControlChannel: Sendable {
  /// Asks, and returns when the answer begins.
  func send(_ request: ControlRequest) async throws(CommandError) -> ControlAnswer
  /// Ends what was begun with the channel.
  func close() async
}

extension ControlChannel {
  /// Asks, and returns what the answer holds.
  ///
  /// - Parameters:
  ///   - request: What is asked.
  ///   - accepted: The statuses beside 200 and 202 whose body is a result, too.
  /// - Returns: The result.
  /// - Throws: When no result came.
  func ask<Result: Decodable>(
    _ request: ControlRequest, accepted: Set<Int> = []
  ) async throws(CommandError) -> Result {
    let answer = try await send(request)
    let body = try await Self.whole(answer)
    guard accepted.union([200, 202]).contains(answer.status),
      let result = WireJSON.decode(Result.self, from: body)
    else { throw CommandError(answer: answer.status, body: body, doing: request.purpose) }
    return result
  }

  /// Without the daemon nothing has been looked at yet: looks at everything once.
  func lookFirst(_ global: GlobalOptions) async throws(CommandError) {
    guard global.standalone else { return }
    let _: PlanReport = try await ask(.order("/v1/plan", PlanOrder()))
  }

  /// Asks for a run, tells of its progress as it comes, and returns how it ended.
  func follow(
    _ request: ControlRequest, _ tell: @Sendable (ProgressLine) -> Void
  ) async throws(CommandError) -> RunReport {
    let answer = try await send(request)
    guard answer.status == 200 else {
      throw CommandError(answer: answer.status, body: try await Self.whole(answer), doing: request.purpose)
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
