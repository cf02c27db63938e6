import PhoenixCore

/// The file of ours in nginx's configuration. Pure.
enum GatewayFile {
  static let name = "phoenix-gateway.conf"
  /// A path that answers without anything behind it: it shows that the gateway is there.
  static let path = "/.well-known/phoenix"

  /// What it holds for some servers; the first one also answers for names that nobody serves.
  static func text(_ servers: [Nginx.Server]) -> String {
    let blocks = servers.enumerated().map { index, server in
      """
      server {
        listen \(server.port) ssl http2\(index == 0 ? " default_server" : "");
        server_name \(server.host);
        ssl_certificate \(quoted(server.place.certificatePath));
        ssl_certificate_key \(quoted(server.place.keyPath));
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_tickets off;
        location = \(path) {
          default_type text/plain;
          return 200 "phoenix\\n";
        }
        location / {
          return 444;
        }
      }

      """
    }
    return "# Kept by Phoenix: what is changed here is put back.\n" + blocks.joined(separator: "\n")
  }

  /// A path as nginx's configuration takes it. One with `$`, a variable even here, never comes this far.
  private static func quoted(_ path: String) -> String {
    "\"" + path.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
  }
}
