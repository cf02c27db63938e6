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

  func send(
    _ method: String, _ path: String, query: [String: String], body: [UInt8]
  ) async throws(CommandError) -> ControlAnswer {
    let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.percentEncoded)" }
    let question = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    let request = HTTPRequest(
      method == "GET" ? .get : .post, "http://phoenix\(path)\(question)", body: method == "GET" ? nil : body,
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

extension String {
  /// The text with everything but letters, digits and `-._~` as %XX.
  fileprivate var percentEncoded: String {
    utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }.joined()
  }
}
