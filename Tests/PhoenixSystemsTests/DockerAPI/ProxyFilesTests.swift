import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("The proxy's files")
struct ProxyFilesTests {
  private static let first = String(repeating: "a", count: 40)
  private static let second = String(repeating: "b", count: 40)

  private func files(
    _ leaves: [[String]] = [[first], [second]],
    module: DockerAPI.StreamModule = .file("/usr/lib/nginx/modules/m.so"),
    hasIPv6: Bool = true
  ) -> ProxyFiles {
    let clients = ["traefik-client.internal.example", "phoenix-client.internal.example"].map {
      DockerAPI.Client(name: $0, commonName: $0)
    }
    return ProxyFiles(
      layout: DockerAPI.Layout(), door: DockerFixtures.door,
      admitted: zip(clients, leaves).map { ($0, $1) }, program: "/usr/sbin/nginx", module: module,
      hasIPv6: hasIPv6)
  }

  @Test("nginx's configuration, to the letter")
  func configuration() {
    let hash = files().hash
    #expect(
      files().configuration == #"""
        # Kept by Phoenix: what is changed here is put back.
        load_module "/usr/lib/nginx/modules/m.so";
        user phoenix-docker docker;
        worker_processes auto;
        daemon off;
        pid /run/phoenix-docker-proxy/nginx.pid;
        error_log stderr notice;
        # How long the session of a client that is no longer let in may live on after a reload.
        worker_shutdown_timeout 60s;

        events {
          worker_connections 1024;
        }

        stream {
          map_hash_bucket_size 128;
          # Who may enter: the subject and the very certificate. Whoever else the CA vouches for may not.
          map $ssl_client_s_dn $docker_subject {
            default 0;
            "~^CN=traefik-client\.internal\.example$" 1;
            "~^CN=phoenix-client\.internal\.example$" 2;
          }
          map "$docker_subject:$ssl_client_fingerprint" $docker_socket {
            default "";
            1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa unix:/run/docker.sock;  # traefik-client.internal.example
            2:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb unix:/run/docker.sock;  # phoenix-client.internal.example
          }

          server {
            listen 2376 ssl;
            listen [::]:2376 ssl ipv6only=on;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_certificate "/etc/phoenix-docker/tls/server.crt";
            ssl_certificate_key "/etc/phoenix-docker/tls/server.key";
            ssl_client_certificate "/etc/phoenix-docker/tls/root.crt";
            ssl_verify_client on;
            ssl_verify_depth 2;
            ssl_session_cache off;
            ssl_session_tickets off;
            # Attached sessions are silent for hours, and end on one side first.
            proxy_timeout 24h;
            proxy_half_close on;
            proxy_socket_keepalive on;
            proxy_pass $docker_socket;
          }

          # What is loaded, for those who may enter this directory: root.
          server {
            listen unix:/run/phoenix-docker-proxy/state.sock;
            return "\#(hash)\ntraefik-client.internal.example aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nphoenix-client.internal.example bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n";
          }
        }

        """#)
  }

  @Test("Without IPv6 and with a built-in module there is less of it")
  func variants() {
    let text = files(module: .builtIn, hasIPv6: false).configuration
    #expect(!text.contains("load_module") && !text.contains("[::]"))
  }

  @Test("The hash is of everything, and what is on disk tells the same as what runs")
  func hash() {
    #expect(files().hash != files([[Self.first], []]).hash)
    #expect(files().hash != files(hasIPv6: false).hash)
    let expected = DockerAPI.LoadedConfiguration(
      hash: files().hash,
      admitted: [
        "traefik-client.internal.example": [Self.first], "phoenix-client.internal.example": [Self.second],
      ])
    #expect(Loaded.parse(configuration: files().configuration) == expected)
  }

  @Test("Characters that mean something in an expression mean themselves")
  func escaped() {
    var files = files()
    let client = DockerAPI.Client(name: "x", commonName: "*.a+b.internal.example")
    files = ProxyFiles(
      layout: files.layout, door: files.door, admitted: [(client, [])], program: files.program,
      module: files.module,
      hasIPv6: true)
    #expect(files.configuration.contains(#""~^CN=\*\.a\+b\.internal\.example$" 1;"#))
  }

  @Test(
    "What a proxy says that is none of ours is not believed",
    arguments: [
      "", "\n", "x\n", "HTTP/1.1 400 Bad Request\r\n\r\n", String(repeating: "a", count: 64),
      String(repeating: "a", count: 64) + "\n\n", String(repeating: "a", count: 64) + "\nname short\n",
      String(repeating: "g", count: 64) + "\n", String(repeating: "a", count: 64) + "\nn\nn\n",
    ])
  func garbage(text: String) {
    #expect(Loaded.parse(text) == nil)
    #expect(Loaded.parse(configuration: text) == nil)
  }
}
