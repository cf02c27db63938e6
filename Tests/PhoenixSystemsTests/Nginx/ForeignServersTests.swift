import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("Server blocks that are not ours")
struct ForeignServersTests {
  private let servers = ForeignServers(against: NginxFixtures.gateway)

  @Test(
    "Claims are read out of others' lines",
    arguments: [
      ("/etc/nginx/a:3:listen 443 ssl default_server", 1),
      ("/etc/nginx/a:3:listen *:443 ssl default", 1),
      ("/etc/nginx/a:3:listen 0.0.0.0:80 default_server", 1),
      ("/etc/nginx/a:3:listen [::]:443 ssl default_server", 0),
      ("/etc/nginx/a:3:listen [::]:443 ssl default_server ipv6only=off", 1),
      ("/etc/nginx/a:3:listen 443 ssl", 0), ("/etc/nginx/a:3:listen 80", 0),
      ("/etc/nginx/a:3:listen 10.0.0.153:443 ssl", 1), ("/etc/nginx/a:3:listen 127.0.0.1", 1),
      ("/etc/nginx/a:3:listen 127.0.0.1:8080", 0), ("/etc/nginx/a:3:listen unix:/run/x.sock", 0),
      ("/etc/nginx/a:3:listen 8443 ssl default_server", 0),
      ("/etc/nginx/a:3:listen 8000-8010 default_server", 0),
      ("/etc/nginx/a:3:listen 127.0.0.1:8000-8010", 0),
      ("/etc/nginx/a:3:listen 440-450 ssl default_server", 1),
      ("/etc/nginx/a:3:listen 10.0.0.153:70-90", 1),
      ("/etc/nginx/a:3:server_name x NGINX.internal.example", 1),
      ("/etc/nginx/a:3:server_name nginx.internal.example qdrant.internal.example", 2),
      ("/etc/nginx/a:3:server_name phoenix-gateway.invalid", 1),
      ("/etc/nginx/app:8080.conf:3:server_name nginx.internal.example", 1),
      ("/etc/nginx/a:3:listen [::]:80 default_server ipv6only=off", 1),
      ("/etc/nginx/a:3:server_name .nginx.internal.example", 1),
      ("/etc/nginx/a:3:server_name \"nginx.internal.example\"", 1),
      ("/etc/nginx/a:3:server_name .internal.example", 0),
      ("/etc/nginx/a:3:server_name *.internal.example", 0), ("/etc/nginx/a:3:server_name _", 0),
      ("/etc/nginx/conf.d/phoenix-gateway.conf:3:listen 443 ssl http2 default_server", 0), ("nonsense", 0),
      ("", 0), (":::", 0), ("a:b:listen", 0),
    ])
  func claims(line: String, count: Int) {
    #expect(servers.claims([line]).count == count)
  }

  @Test("A claim names their line and ours")
  func bothLines() throws {
    let text = NginxFixtures.file.file.text.split(separator: "\n", omittingEmptySubsequences: false)
    let claims = servers.claims([
      "/etc/nginx/a:3:listen 443 ssl default_server", "/etc/nginx/b:7:server_name echo.internal.example",
    ]).map(\.text)
    for (claim, statement) in zip(
      claims, ["listen 443 ssl http2 default_server;", "server_name echo.internal.example;"])
    {
      let number = try #require(
        claim.split(separator: "phoenix-gateway.conf:").last?.split(separator: " ").first)
      let line = try #require(Int(number))
      #expect(text[line - 1].trimmingPrefix { $0 == " " } == statement)
    }
    #expect(claims.first?.hasPrefix("/etc/nginx/a:3 is the default server of port 443") == true)
    #expect(claims.last?.hasPrefix("/etc/nginx/b:7 serves echo.internal.example") == true)
  }

  @Test("What is said for all servers is told with its place")
  func inherited() {
    let lines = [
      "/etc/nginx/a:3:deny all", "/etc/nginx/a:4:listen 443",
      "/etc/nginx/conf.d/phoenix-gateway.conf:3:allow 10.0.0.1",
    ]
    #expect(
      servers.inherited(lines) == [
        "/etc/nginx/a:3 says `deny all` for all servers, and so for the gateway's, too"
      ])
  }
}
