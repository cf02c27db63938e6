import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixNetwork

/// The way to the daemon: HTTP on its socket.
struct DaemonChannel: ControlChannel {
  /// A run that waits for another one, or for systems that do not answer, takes its time.
  private static let patience = Duration.seconds(3600)

  private let socket: String
  private let client = HTTPClient()

  /// Finds the daemon's socket.
  ///
  /// - Throws: When it is not there, or this user may not use it.
  init(socket: String) throws(CommandError) {
    self.socket = socket
    guard access(socket, W_OK) != 0 else { return }
    guard errno == EACCES else { throw Self.notRunning(socket, String(cString: strerror(errno))) }
    throw CommandError(
      ErrorReport(
        doing: "ask phoenixd", got: "this user may not use \(socket)",
        hint: "run it as root, or as a member of the group \(ControlInterface.adminGroup)"),
      status: ExitStatus.permission)
  }

  func send(_ request: ControlRequest) async throws(CommandError) -> ControlAnswer {
    let query = FormText.encode(request.query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    let request = HTTPRequest(
      request.method, "http://phoenix\(request.path)" + (query.isEmpty ? "" : "?" + query),
      body: request.body,
      timeout: Self.patience, label: "phoenixd")
    do throws(TransportError) {
      let answer = try await client.stream(request, unixSocket: socket)
      return ControlAnswer(status: answer.status, body: answer.body)
    } catch {
      throw Self.notRunning(socket, error.text)
    }
  }

  func close() async { await client.shutdown() }

  private static func notRunning(_ socket: String, _ reason: String) -> CommandError {
    CommandError(
      ErrorReport(
        doing: "ask phoenixd", expected: "it to listen on \(socket)", got: reason,
        hint: "start it with `systemctl start phoenixd`, or use --standalone"),
      status: ExitStatus.unreachable)
  }
}
