import Glibc
import PhoenixCore
import PhoenixEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct CommandTests {
  @Test func validateTellsWhatIsWrongAndWhere() async throws {
    let bench = DaemonBench()
    let good = try await bench.phoenix("validate")
    #expect(good.ended == 0)
    #expect(good.stdout == "")
    bench.write("phoenix_vm_configs.json", "{\"vms\": [\n  {\"vmid\": \"many\"}]}")
    let bad = try await bench.phoenix("validate", "--json")
    #expect(bad.ended == 78)
    let report = try #require(WireJSON.decode(FindingsReport.self, from: Array(bad.stdout.utf8)))
    #expect(report.findings.contains { $0.severity == .error && $0.line == 2 && $0.column == 12 })
  }

  @Test(arguments: [["--json", "certificate", "list"], ["certificate", "--json", "list"]])
  func globalOptionsStandAnywhere(words: [String]) async throws {
    // Nobody listens, which is all that is wrong.
    let bench = DaemonBench()
    #expect(try await bench.phoenix(words[0], words[1], words[2]).ended == 69)
  }

  @Test func theDaemonMissingIsUnreachable() async throws {
    let bench = DaemonBench()
    let missing = try await bench.phoenix("status")
    #expect(missing.ended == 69)
    #expect(missing.stdout == "")
    #expect(missing.stderr.contains("systemctl start phoenixd"))

    // A socket that nobody listens on any more.
    close(UnixSocket.listening(at: bench.adminSocket))
    #expect(try await bench.phoenix("status").ended == 69)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
  func aSocketThatOneMayNotUseIsNoMissingDaemon() async throws {
    let bench = DaemonBench()
    let socket = UnixSocket.listening(at: bench.adminSocket)
    chmod(bench.directory.path, 0o755)
    chmod(bench.adminSocket, 0o600)
    let refused = try await bench.phoenix("status", user: 65_534)
    #expect(refused.ended == 77, "\(refused.stderr)")
    #expect(refused.stderr.contains("phoenix-admin"))
    close(socket)
  }

  @Test(arguments: [
    ["frobnicate"], ["plan", "--nonsense"], ["graph", "--format", "svg"], ["graph", "--format", "png"],
    ["apply", "--allow", "everything"], ["suspend"], ["suspend", "proxmox"], ["resume", "1001"],
    ["explain", "1001"], ["create"], ["delete", "proxmox"], ["stop", "abc"],
  ])
  func usageIsExplained(arguments: [String]) async throws {
    let bench = DaemonBench()
    let child = try Child("phoenix", arguments, directory: bench.directory)
    #expect(await child.end() == 64)
    #expect(child.stderr.contains("Usage:"))
  }

  @Test(arguments: [["--json", "version"], ["version", "--json"]])
  func globalOptionsStandBeforeOrBehindTheVerb(arguments: [String]) async throws {
    let bench = DaemonBench()
    let child = try Child("phoenix", arguments, directory: bench.directory)
    #expect(await child.end() == 0)
    #expect(child.stdout == "{\n  \"version\" : \"\(PhoenixVersion.current)\"\n}\n")
  }

  @Test func theVersionIsThatOfTheRepository() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let file = try #require(fopen(root + "/VERSION", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    fgets(&line, 64, file)
    #expect(
      line.prefix { $0 != 10 && $0 != 0 }.map { UInt8(bitPattern: $0) } == Array(PhoenixVersion.current.utf8))
  }

  @Test func verbsAgainstADaemonWhoseSystemsAreDown() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    let plan = try await bench.phoenix("plan")
    #expect(plan.ended == 69)
    #expect(plan.stdout.hasSuffix("Plan: 0 to create, 0 to update, 0 to delete, 0 held.\n"))
    #expect(plan.stdout.contains("! proxmox cannot be read"))
    #expect(try await bench.phoenix("plan", "--detailed-exitcode", "--json").ended == 69)
    #expect(try await bench.phoenix("plan", "proxmox/firewall/9").ended == 64)
    #expect(try await bench.phoenix("apply").ended == 69)
    #expect(try await bench.phoenix("reconcile", "--wait").ended == 69)
    #expect(try await bench.phoenix("reconcile").ended == 0)
    #expect(try await bench.phoenix("sync", "firewall").ended == 69)
    #expect(try await bench.phoenix("sync", "dns").ended == 1)
    #expect(try await bench.phoenix("reload", "--wait").ended == 0)
    #expect(try await bench.phoenix("pause").ended == 0)
    #expect(
      try await bench.phoenix("resume", "proxmox/firewall/1001").stdout.contains("everything is paused"))
    #expect(try await bench.phoenix("resume", "all").ended == 0)
    #expect(
      try await bench.phoenix("resume", "proxmox/firewall/1001").stdout
        == "Phoenix keeps proxmox/firewall/1001 again.\n")

    let status = try await bench.phoenix("status", "1001", "--json")
    #expect(status.ended == 0)
    let report = try #require(WireJSON.decode(StatusReport.self, from: Array(status.stdout.utf8)))
    #expect(report.resources.map(\.resource.kind) == ["firewall", "power", "vm"])

    let graph = try await bench.phoenix("graph")
    #expect(graph.ended == 0, "\(graph.stderr)")
    #expect(graph.stdout.contains("[\"proxmox/firewall/1001<br/>unknown\"]:::unknown"))
    #expect(try await bench.phoenix("graph", "--format", "dot").stdout.hasPrefix("digraph phoenix {\n"))

    bench.write("phoenix_vm_configs.json", "[")
    #expect(try await bench.phoenix("graph").ended == 78)
    let reload = try await bench.phoenix("reload", "--wait")
    #expect(reload.ended == 78)
    #expect(reload.stdout.contains("the old ones stay in force"))
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test(arguments: [
    ["suspend", "proxmox/firewall/1001"], ["pause"], ["resume", "proxmox/firewall/1001"], ["resume", "all"],
    ["reconcile", "--allow", "disruptive"],
  ])
  func aDryRunShowsThePlanAndOrdersNothing(arguments: [String]) async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    #expect(try await bench.phoenix("suspend", "proxmox/firewall/1001").ended == 0)
    let child = try await bench.phoenix(list: arguments + ["--dry-run"])
    // Proxmox does not answer here, as any plan says.
    #expect(child.ended == 69, "\(child.stderr)")
    #expect(child.stdout.hasSuffix("held.\n"), "\(child.stdout)")
    let status = try await bench.phoenix("status", "--json")
    let report = try #require(WireJSON.decode(StatusReport.self, from: Array(status.stdout.utf8)))
    #expect(!report.isPaused)
    #expect(report.resources.first?.detail == "until resumed")
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test func aReloadIsTriedWithoutTakingTheFiles() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    bench.declare(firewallOf: [1001, 1002])
    let good = try await bench.phoenix("reload", "--dry-run")
    #expect(good.ended == 0)
    #expect(good.stdout.contains("not put in force"))
    bench.write("phoenix_vm_configs.json", "[")
    let bad = try await bench.phoenix("reload", "--dry-run", "--wait")
    #expect(bad.ended == 78)
    #expect(bad.stdout.contains("would be refused"))
    #expect(try await bench.firewalls() == ["1001"])
    #expect(!daemon.stderr.contains("Not reloaded"))
    await bench.close()
  }

  @Test func aDryRunOfARenewalKnowsTheNameOrSaysSo() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    let child = try await bench.phoenix("certificate", "renew", "nginx.internal.example", "--dry-run")
    #expect(child.ended == 64)
    #expect(child.stderr.contains("none is called that"))
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test(arguments: [
    (["resume", "proxmox/firewal/1001"], "proxmox/firewall/1001"),
    (["status", "proxmox/firewall/1002"], "proxmox/firewall/1001"), (["status", "1010"], "1001"),
    (["suspend", "proxmox/firewalls/1001"], "proxmox/firewall/1001"),
    (["status", "proxmox/firewol"], "proxmox/firewall"),
  ])
  func whatNobodyKnowsIsRefusedWithTheNearest(arguments: [String], meant: String) async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    let child = try await bench.phoenix(arguments[0], arguments[1])
    #expect(child.ended == 64, "\(child.stdout)")
    #expect(child.stdout == "")
    #expect(child.stderr.contains("did you mean \(meant)?"), "\(child.stderr)")
    #expect(try await bench.phoenix("status", "proxmox").ended == 0)
    #expect(daemon.ended == nil)
    await bench.close()
  }

  /// It goes on until it is stopped, so what stops it here is a reader that has seen enough.
  @Test func statusIsShownAgainAndAgain() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    let watch = try Child(
      "phoenix", ["status", "--watch", "--socket", bench.adminSocket], directory: bench.directory)
    #expect(
      await eventually {
        watch.stdout.split(separator: "\n").filter { $0.hasPrefix("3 resource") }.count > 1
      },
      "\(watch.stdout)\(watch.stderr)")
    watch.signal(SIGINT)
    #expect(await watch.end() != 0)
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test func standaloneNeedsNoDaemon() async throws {
    let bench = DaemonBench()
    let plan = try await bench.phoenix("plan", "--standalone")
    #expect(plan.ended == 69, "\(plan.stderr)")
    #expect(plan.stdout.contains("! proxmox cannot be read"))
    #expect(try await bench.phoenix("suspend", "proxmox/firewall/1001", "--standalone").ended == 0)
    #expect(try await bench.phoenix("status", "--standalone").stdout.contains("suspended"))
    bench.write("phoenix_vm_configs.json", "[")
    #expect(try await bench.phoenix("apply", "--standalone").ended == 78)
  }

  @Test func aSavedPlanIsRefusedWhenItIsNone() async throws {
    let bench = DaemonBench()
    bench.write("saved", #"{"format": 1}"#)
    let file = bench.directory.file("etc/saved")
    let daemon = try await bench.runningDaemon()
    #expect(try await bench.phoenix("apply", "--plan", file).ended == 64)
    #expect(try await bench.phoenix("apply", "--plan", file + "-missing").ended == 1)
    let plan = bench.directory.file("plan")
    #expect(try await bench.phoenix("plan", "--out", plan).ended == 69)
    #expect(try await bench.phoenix("apply", "--plan", plan).ended == 69)
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test func coloursOnlyWhenAskedFor() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    #expect(try await !bench.phoenix("status").stdout.contains("\u{1b}"))
    #expect(try await bench.phoenix("status", "--color", "always").stdout.contains("\u{1b}"))
    #expect(daemon.ended == nil)
    await bench.close()
  }
}
