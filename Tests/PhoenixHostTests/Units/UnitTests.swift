import FoundationEssentials
import Glibc
import PhoenixHost
import Testing

@Suite(.enabled(if: Repository.hasTool("systemd-analyze"))) struct UnitTests {
  private static let units = ["phoenixd.service", "phoenixd.socket", "phoenixd-admin.socket"]

  @Test func theExposureIsAtMost1Point1() async throws {
    let result = try await Processes.run(
      ProcessCommand([
        "systemd-analyze", "security", "--offline=true", "--threshold=11",
        Repository.path("systemd/phoenixd.service"),
      ]))
    #expect(result.status.isSuccess, "\(result.account)")
    #expect(result.text.contains("Overall exposure level for phoenixd.service"))
  }

  /// With programs that exist, and without the manual pages that are not installed here.
  @Test func systemdFindsNothingWrong() async throws {
    let directory = try TemporaryDirectory()
    for unit in Self.units {
      let text = try String(contentsOf: Repository.file("systemd/\(unit)"), encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter {
        !$0.hasPrefix("Documentation=")
      }
      let local = lines.map { line in
        line.hasPrefix("Exec") ? "\(line.prefix { $0 != "=" })=/bin/true" : String(line)
      }
      try directory.write(local.joined(separator: "\n"), to: unit, mode: 0o644)
    }
    let result = try await Processes.run(
      ProcessCommand(["systemd-analyze", "verify", "--man=no"] + Self.units.map { directory.file($0) }))
    #expect(result.status.isSuccess)
    #expect(result.stderr.isEmpty, "\(result.account)")
  }

  @Test(.enabled(if: geteuid() == 0 && Repository.hasTool("systemd-sysusers")))
  func usersAndDirectoriesAreMade() async throws {
    let root = try TemporaryDirectory()
    mkdir(root.file("etc"), 0o755)
    let users = try await Processes.run(
      ProcessCommand([
        "systemd-sysusers", "--root=\(root.path)", Repository.path("systemd/sysusers.d/phoenix.conf"),
      ]))
    #expect(users.status.isSuccess, "\(users.account)")
    #expect(try root.text("etc/passwd").contains("phoenix:"))
    #expect(try root.text("etc/group").contains("phoenix-admin:"))
    let files = try await Processes.run(
      ProcessCommand([
        "systemd-tmpfiles", "--root=\(root.path)", "--create",
        Repository.path("systemd/tmpfiles.d/phoenix.conf"),
      ]))
    #expect(files.status.isSuccess, "\(files.account)")
    #expect(root.mode("etc/phoenix/credentials") == 0o700)
  }
}
