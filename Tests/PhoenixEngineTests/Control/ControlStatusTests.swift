import PhoenixCore
import PhoenixEngine
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlStatusTests {
  @Test func readinessFollowsWhatCouldBeRead() async throws {
    let bench = try await ControlBench(["a": .init(number: 1)], world: ["a": 1])
    let before = try await bench.get("/readyz", by: ControlInterface.statusListener)
    #expect(before.status == 503)
    #expect(before.text == "no pass has ended yet\n")

    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    #expect(try await bench.get("/readyz", by: ControlInterface.statusListener).status == 200)

    bench.world.state.withLock { $0.silence = "the shelf at 10.0.0.99 is locked" }
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let forAll = try await bench.get("/readyz", by: ControlInterface.statusListener)
    #expect(forAll.status == 503)
    #expect(forAll.text == "dns cannot be read\n")
    let forAdmins = try await bench.get("/readyz")
    #expect(forAdmins.text == "dns cannot be read: the shelf at 10.0.0.99 is locked\n")

    bench.world.state.withLock { $0.silence = nil }
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    #expect(try await bench.get("/readyz", by: ControlInterface.statusListener).status == 200)
    await bench.stop()
  }

  @Test func healthFollowsTheLoops() async throws {
    let bench = try await ControlBench([:], world: [:])
    #expect(try await bench.get("/healthz", by: ControlInterface.statusListener).status == 200)
    bench.late.withLock { $0 = ["engine"] }
    let response = try await bench.get("/healthz", by: ControlInterface.statusListener)
    #expect(response.status == 503)
    #expect(response.text == "the loop engine makes no progress\n")
    await bench.stop()
  }

  @Test(arguments: [
    ("GET", "/v1/status"), ("POST", "/v1/plan"), ("POST", "/v1/apply"), ("POST", "/v1/reconcile"),
    ("POST", "/v1/reload"), ("POST", "/v1/suspend"), ("POST", "/v1/resume"), ("POST", "/v1/pause"),
    ("POST", "/v1/cancel"), ("GET", "/v1/explain"), ("GET", "/anything"),
  ])
  func theSocketForAllReadsOnly(method: String, path: String) async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let response =
      method == "GET"
      ? try await bench.get(path, by: ControlInterface.statusListener)
      : try await bench.post(path, "{}", by: ControlInterface.statusListener)
    #expect(response.status == 403)
    #expect(response.text.contains("phoenix-admin"))
    #expect(bench.numbers == ["a": 1])
    await bench.stop()
  }

  @Test func theSummaryNamesNothing() async throws {
    let bench = try await ControlBench(["a": .init(number: 2, risk: .disruptive)], world: ["a": 1])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let response = try await bench.get("/v1/summary", by: ControlInterface.statusListener)
    let summary = try #require(WireJSON.decode(SummaryReport.self, from: response.body))
    #expect(summary.resources == ["held": 1])
    #expect(summary.systems == ["readable": 1])
    #expect(!response.text.contains("dns/"))
    await bench.stop()
  }

  @Test func statusTellsOfResourcesBeforeTheFirstLook() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let first = try #require(
      WireJSON.decode(StatusReport.self, from: try await bench.get("/v1/status").body))
    #expect(first.resources.map(\.state) == [.unknown])
    #expect(first.resources.first?.detail == "not looked at yet")
    _ = try await bench.progress("/v1/apply", "{}")
    let later = try #require(
      WireJSON.decode(StatusReport.self, from: try await bench.get("/v1/status").body))
    #expect(later.resources.map(\.state) == [.inSync])
    await bench.stop()
  }

  @Test func suspendResumeAndPauseAreKept() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    #expect(
      try await bench.post("/v1/suspend", #"{"resource": "dns/number/a", "for_s": 3600}"#).status == 200)
    var lines = try await bench.progress("/v1/apply", "{}")
    #expect(lines.result?.outcomes.map(\.outcome) == ["held"])
    #expect(lines.result?.outcomes.first?.reason?.hasPrefix("suspended until ") == true)

    #expect(try await bench.post("/v1/pause").status == 200)
    var answer = try await bench.post("/v1/resume", #"{"resource": "dns/number/a"}"#)
    #expect(answer.status == 200 && WireJSON.decode(ResumeAnswer.self, from: answer.body)?.isPaused == true)
    lines = try await bench.progress("/v1/apply", "{}")
    #expect(lines.result?.outcomes.first?.reason?.hasPrefix("everything is paused") == true)
    #expect(bench.numbers == ["a": 1])
    let paused = try #require(
      WireJSON.decode(StatusReport.self, from: try await bench.get("/v1/status").body))
    #expect(paused.resources.map(\.state) == [.suspended])
    #expect(paused.resources.first?.detail == "everything is paused: the number differs")

    answer = try await bench.post("/v1/resume", #"{"resource": "all"}"#)
    #expect(answer.status == 200 && WireJSON.decode(ResumeAnswer.self, from: answer.body)?.isPaused == false)
    _ = try await bench.progress("/v1/apply", "{}")
    #expect(bench.numbers == ["a": 2])

    // What is in sync stays so while nothing may be changed.
    #expect(try await bench.post("/v1/pause").status == 200)
    _ = try await bench.progress("/v1/apply", "{}")
    let right = try #require(
      WireJSON.decode(StatusReport.self, from: try await bench.get("/v1/status").body))
    #expect(right.resources.map(\.state) == [.inSync])
    await bench.stop()
  }

  @Test func reloadTellsWhatIsWrongWithTheFiles() async throws {
    let bench = try await ControlBench([:], world: [:])
    #expect(try await bench.post("/v1/reload", #"{"wait": true}"#).status == 200)
    let finding = Finding(
      .error, at: Location(file: "phoenix_lxc_configs.json", line: 3, column: 5), "this is no number")
    bench.reload.withLock {
      $0 = ReloadReport(isAccepted: false, isInForce: false, digest: "", findings: [finding])
    }
    let response = try await bench.post("/v1/reload")
    #expect(response.status == 422)
    #expect(WireJSON.decode(ReloadReport.self, from: response.body)?.findings.map(\.finding) == [finding])
    await bench.stop()
  }

  @Test func metricsCountWhatHappened() async throws {
    let bench = try await ControlBench(
      ["a": .init(number: 2), "b": .init(number: 2, risk: .disruptive)], world: ["a": 1, "b": 1])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let response = try await bench.get("/metrics", by: ControlInterface.statusListener)
    #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    let lines = response.text.split(separator: "\n").map(String.init)
    for line in [
      #"phoenix_build_info{version="\#(PhoenixVersion.current)"} 1"#,
      #"phoenix_passes_total{result="changed"} 1"#,
      #"phoenix_actions_total{system="dns",outcome="verified"} 1"#, #"phoenix_drift{system="dns"} 1"#,
      #"phoenix_resources{state="in_sync"} 1"#, #"phoenix_resources{state="held"} 1"#,
      #"phoenix_system_readable{system="dns"} 1"#, "phoenix_state_writable 1",
      #"phoenix_certificate_expiry_seconds{name="qdrant.internal.example"} 1800000000"#,
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(lines.contains { $0.hasPrefix("phoenix_last_success_timestamp_seconds 1") })
    // What the format wants: HELP and TYPE before the samples of each metric, once.
    for line in lines where line.hasPrefix("# TYPE ") {
      #expect(lines.count { $0 == line } == 1)
    }
    await bench.stop()
  }

  @Test func aFailedPassIsNoSuccess() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.applyFailure = "the shelf broke" }
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let text = try await bench.get("/metrics").text
    #expect(text.contains(#"phoenix_passes_total{result="failed"} 1"#))
    #expect(!text.contains("\nphoenix_last_success_timestamp_seconds "))
    await bench.stop()
  }
}
