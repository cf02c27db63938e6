import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork

/// Answers clients that wait on the sockets when phoenixd cannot start, so that they learn why and do not start it
/// again and again.
enum Refusal {
  /// How long clients that wait are given to send their request.
  private static let time = Duration.seconds(2)

  /// Answers everybody with 503; what is wrong in detail is told to administrators only.
  static func answer(on sockets: ListenDescriptors, findings: [Finding]) async {
    let names = sockets.names
    guard !names.isEmpty else { return }
    let doing = "ask phoenixd"
    let got = "it does not start: its files cannot be used (\(FindingsText.summary(findings)))"
    let hint = "mend the files, `phoenix validate` checks them; then `systemctl restart phoenixd`"
    let server = ControlServer { request in
      let isAdmin = request.listener == ControlInterface.adminListener
      let report = ErrorReport(doing: doing, got: got, hint: hint, findings: isAdmin ? findings : nil)
      return ServerResponse(status: 503, body: .bytes(WireJSON.encode(report) + [0x0A]))
    }
    for name in names {
      guard let descriptor = sockets[name] else { continue }
      try? await server.serve(descriptor: descriptor, name: name)
    }
    try? await Task.sleep(for: time)
    await server.shutdown()
  }
}
