import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("nginx's configuration, read by way of all it includes", .timeLimit(.minutes(1)))
struct NginxStatementsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The statements of a main file and others beside it, without the directory's name.
  private func statements(_ files: [String: String]) async throws -> [String] {
    for (path, text) in files {
      if let end = path.lastIndex(of: "/") { try directory.make(String(path[..<end])) }
      try directory.write(text, to: path)
    }
    let printed = try await Programs.run([
      "sh", "-c", NginxStatements.function + "statements \"$1\"", "test", directory.file("nginx.conf"),
    ])
    return printed.split(separator: "\n").map { String($0).replacing("\(directory.path)/", with: "") }
  }

  @Test("Statements over lines, with quotes and comments; those of other blocks do not count")
  func syntax() async throws {
    let found = try await statements([
      "nginx.conf": """
      # listen 1;
      user www-data; deny none;
      http {
        deny
          all;  # server_name commented.example;
        log_format x '"$a" listen 2; {';
        map $x $y { listen 3; }
        server { listen 80 default_server;server_name a.example "b.example"
          'c.example'; location ~ "^/x{2}" { deny 10.0.0.1; } return 200 "a\\"; listen 4;";
        }
        upstream u { server 10.0.0.1; }
      }
      stream { server { listen 9; } }
      """
    ])
    #expect(
      found == [
        "nginx.conf:4:deny all", "nginx.conf:8:listen 80 default_server",
        "nginx.conf:8:server_name a.example b.example c.example", "nginx.conf:13:listen 9",
      ])
  }

  @Test("Includes are followed from their place, however deep; what is not included does not count")
  func includes() async throws {
    let found = try await statements([
      "nginx.conf": "http { include conf.d/*.conf; include \(directory.file("far/x")); include none/*; }",
      "conf.d/b.conf": "server { include snippets/listen; }", "conf.d/a.conf": "allow 10.0.0.0/8;",
      "conf.d/off": "server { listen 1; }", "snippets/listen": "\nlisten 443;\n",
      "far/x": "server { server_name far.example; }",
    ])
    #expect(
      found == [
        "conf.d/a.conf:1:allow 10.0.0.0/8", "snippets/listen:2:listen 443",
        "far/x:1:server_name far.example",
      ])
  }

  @Test(
    "Whatever stands in the files, it ends and prints text",
    arguments: [
      "http { include nginx.conf; server { listen 1; }", "}}}} server { listen 1; }", "\"", "'", "\\",
      "http { server { listen \u{1}\u{7}1; } }", "http { server { listen ${x}; server_name \"; } }", "",
    ])
  func hostile(text: String) async throws {
    let found = try await statements(["nginx.conf": text])
    #expect(found.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } })
  }

  @Test("More than is read is said to be more", arguments: ["files", "text", "statements"])
  func bounds(of kind: String) async throws {
    let text =
      switch kind {
      case "files": "http { include nginx.conf; }"
      case "text": String(repeating: "# nothing\n", count: 500_000) + "http { server { listen 1; } }"
      default: "http { \(String(repeating: "server { listen 1234; }", count: 20_000)) }"
      }
    let found = try await statements(["nginx.conf": text])
    #expect(found.last == NginxStatements.cut)
    #expect(found.filter { $0 == NginxStatements.cut }.count == 1)
  }
}
