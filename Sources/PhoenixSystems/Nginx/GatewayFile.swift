import PhoenixCore

/// The file of ours in nginx's configuration. Pure.
///
/// Nginx reads the client certificate only when it loads its configuration, and nothing outside shows which one it
/// has. So the file names the generation: a new one makes another file, with another hash, and the hash that nginx
/// answers is the proof that it was loaded. The root that Traefik is checked against is the one beside it: what
/// somebody lays there goes with its generation, on disk and in memory.
struct GatewayFile {
  static let name = "phoenix-gateway.conf"
  /// A path that answers without anything behind it: it shows that the gateway is there.
  static let path = "/.well-known/phoenix"
  /// A path that tells, to this machine only, which configuration is loaded.
  static let hashPath = "/.well-known/phoenix-config"
  /// The header with the hash.
  static let hashHeader = "X-Phoenix-Config"
  /// A name that nobody can have (RFC 2606), so that no other server block takes the question.
  static let hashHost = "phoenix-gateway.invalid"
  /// What stands before the generation of the client certificate.
  static let generationMark = "# Generation of the client certificate: "

  let gateway: Nginx.Gateway
  /// The generation of the client certificate; not looked at without one.
  let generation: String

  /// Whether a generation's name can stand in a comment.
  static func isPlain(_ generation: String) -> Bool {
    !generation.isEmpty
      && generation.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }

  /// What nginx answers when it has loaded the file.
  var hash: String { SHA256.hexDigest(of: Array(text(hash: "").utf8)) }

  /// The file.
  var file: ServiceFile { ServiceFile(gateway.path, text: text(hash: hash)) }

  /// The number of the last line that is this statement, from 1.
  func line(of statement: String) -> Int? {
    text(hash: "").split(separator: "\n", omittingEmptySubsequences: false)
      .lastIndex { $0.drop { $0 == " " } == statement }.map { $0 + 1 }
  }

  /// The statement that makes ours the server of a port for names that nobody serves.
  func defaultListen(_ port: Int) -> String {
    port == gateway.layout.httpsPort
      ? "listen \(port) ssl http2 default_server;" : "listen \(port) default_server;"
  }

  /// The statement that names one server's name.
  func serverName(_ host: String) -> String { "server_name \(host);" }

  private func text(hash: String) -> String {
    // The two lines that follow the generation stand together, so that a plan shows only them.
    let head = [
      """
      # Kept by Phoenix: what is changed here is put back.
      \(clientMark)map "" $phoenix_config { default "\(hash)"; }

      """
    ]
    return
      (head + [connection, upstream].compactMap { $0 } + [strangers, plain, redirects]
      + gateway.hosts.map(server)).joined(separator: "\n")
  }

  private var clientMark: String {
    gateway.upstream == nil ? "" : "\(Self.generationMark)\(generation)\n"
  }

  // MARK: Blocks

  private var connection: String? {
    guard gateway.upstream != nil else { return nil }
    return """
      map $http_upgrade $phoenix_connection {
        default upgrade;
        "" "";
      }

      """
  }

  /// Kept connections are closed on this side first, so that no request meets one that Traefik just closed.
  private var upstream: String? {
    gateway.upstream.map { upstream in
      """
      upstream phoenix_traefik {
        server \(upstream.address);
        keepalive 32;
        keepalive_timeout 60s;
      }

      """
    }
  }

  /// A name that nobody serves is shown no certificate; nor is it answered behind another name's certificate.
  private var strangers: String {
    """
    server {
      \(defaultListen(gateway.layout.httpsPort))
      ssl_protocols TLSv1.2 TLSv1.3;
      ssl_session_tickets off;
      ssl_reject_handshake on;
      return 444;
    }

    """
  }

  /// `try_files` and not `return`, which would be carried out before `deny`.
  private var plain: String {
    """
    server {
      \(defaultListen(gateway.layout.httpPort))
      \(serverName(Self.hashHost))
      location = \(Self.hashPath) {
        allow 127.0.0.1;
        deny all;
        access_log off;
        add_header \(Self.hashHeader) $phoenix_config;
        try_files "" =204;
      }
      location / {
        return 444;
      }
    }

    """
  }

  private var redirects: String {
    gateway.hosts.map { host in
      """
      server {
        listen \(gateway.layout.httpPort);
        \(serverName(host.name))
        return 301 https://$host$request_uri;
      }

      """
    }.joined(separator: "\n")
  }

  private func server(_ host: Nginx.Host) -> String {
    """
    server {
      listen \(gateway.layout.httpsPort) ssl http2;
      \(serverName(host.name))
      ssl_certificate \(Self.quoted(host.certificate.certificatePath));
      ssl_certificate_key \(Self.quoted(host.certificate.keyPath));
      ssl_protocols TLSv1.2 TLSv1.3;
      ssl_session_tickets off;
      add_header Strict-Transport-Security "max-age=31536000" always;
    \(host.isOwn ? own : gateway.upstream.map(passing) ?? nowhere)
    }

    """
  }

  private var own: String {
    """
      location = \(Self.path) {
        default_type text/plain;
        return 200 "phoenix\\n";
      }
      location / {
        return 404;
      }
    """
  }

  private var nowhere: String {
    """
      location / {
        return 503;
      }
    """
  }

  private func delivered(_ file: String, _ upstream: Nginx.Upstream) -> String {
    Self.quoted(upstream.client.currentPath(of: file))
  }

  /// What a client says about where it comes from is not believed: Traefik believes the gateway.
  private func passing(_ upstream: Nginx.Upstream) -> String {
    """
      client_max_body_size 0;
      location / {
        proxy_pass https://phoenix_traefik;
        proxy_http_version 1.1;
        proxy_ssl_certificate \(delivered(CertificatePlace.certificateFile, upstream));
        proxy_ssl_certificate_key \(delivered(CertificatePlace.keyFile, upstream));
        proxy_ssl_trusted_certificate \(delivered(CertificatePlace.rootFile, upstream));
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 2;
        proxy_ssl_name \(upstream.name);
        proxy_ssl_server_name on;
        proxy_hide_header Strict-Transport-Security;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $phoenix_connection;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header X-Forwarded-Method "";
        proxy_set_header X-Forwarded-Uri "";
        proxy_set_header X-Forwarded-Server "";
        proxy_set_header X-Forwarded-Tls-Client-Cert "";
        proxy_set_header X-Forwarded-Tls-Client-Cert-Info "";
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header Forwarded "";
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
      }
    """
  }

  /// A path as nginx's configuration takes it. One with `$`, a variable even here, never comes this far.
  private static func quoted(_ path: String) -> String {
    "\"\(path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
