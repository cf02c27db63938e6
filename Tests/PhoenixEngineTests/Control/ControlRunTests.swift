import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlRunTests {
  @Test func planTellsWhatDiffersAndChangesNothing() async throws {
    let bench = try await ControlBench(
      ["a": .init(number: 2), "b": .init(number: 3)], world: ["a": 1, "b": 3])
    let response = try await bench.post("/v1/plan")
    let plan = try #require(WireJSON.decode(PlanReport.self, from: response.body))
    #expect(plan.changes.map(\.resource) == [Shelf.id("a")])
    #expect(plan.changes.first?.fields.first?.from == .number(1))
    #expect(plan.changes.first?.fields.first?.to == .number(2))
    #expect(plan.systems == [SystemReport(.dns, .readable)])
    #expect(plan.digest.hasPrefix("sha256:"))
    #expect(bench.numbers == ["a": 1, "b": 3])
    await bench.stop()
  }

  @Test func planHasTheKeysOfTheContract() async throws {
    let bench = try await ControlBench(["a": .init(number: 2, risk: .disruptive)], world: ["a": 1])
    let text = try await bench.post("/v1/plan").text
    for key in [
      #""change":"update""#, #""held":"disruptive changes are not allowed"#, #""after":[]"#,
      #""requires":[]"#,
      #""fields":[{"field":"number","from":1,"pending_restart":false,"to":2}]"#, #""risk":"disruptive""#,
      #""reason":"the number differs""#, #""resource":"dns/number/a""#, #""findings":[]"#,
      #""systems":[{"reason":null,"state":"readable","system":"dns"}]"#,
    ] {
      #expect(text.contains(key), "\(key) in \(text)")
    }
    await bench.stop()
  }

  @Test func applyStreamsItsProgressAndEndsWithTheResult() async throws {
    let bench = try await ControlBench(["a": .init(number: 2), "b": .init(number: 3)], world: ["a": 1])
    let lines = try await bench.progress("/v1/apply", "{}")
    guard case .accepted(let run)? = lines.first else {
      Issue.record("the first line is \(String(describing: lines.first))")
      return
    }
    #expect(lines.contains(.began(Shelf.id("a"), .update, reason: "the number differs")))
    let ended = lines.compactMap { line -> String? in
      if case .ended(let outcome) = line { "\(outcome.resource) \(outcome.outcome)" } else { nil }
    }
    #expect(ended.sorted() == ["dns/number/a verified", "dns/number/b verified"])
    #expect(lines.result?.run == run)
    #expect(lines.result?.outcomes.allSatisfy(\.isSuccess) == true)
    #expect(bench.numbers == ["a": 2, "b": 3])
    await bench.stop()
  }

  @Test func applyOfTargetsLeavesTheRestAlone() async throws {
    let bench = try await ControlBench(
      ["a": .init(number: 2), "b": .init(number: 3)], world: ["a": 1, "b": 1])
    let lines = try await bench.progress("/v1/apply", #"{"targets": ["dns/number/b"]}"#)
    #expect(lines.result?.outcomes.map(\.resource) == [Shelf.id("b")])
    #expect(bench.numbers == ["a": 1, "b": 3])
    await bench.stop()
  }

  @Test func dryRunChangesNothing() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let lines = try await bench.progress("/v1/apply", #"{"dry_run": true}"#)
    #expect(lines.result?.plan?.changes.count == 1)
    #expect(bench.numbers == ["a": 1])
    await bench.stop()
  }

  @Test(arguments: [("", 1, "held"), (#""allow": ["disruptive"]"#, 2, "verified")])
  func moreThanSafeTakesTheOperatorsWord(allow: String, number: Int, outcome: String) async throws {
    let bench = try await ControlBench(["a": .init(number: 2, risk: .disruptive)], world: ["a": 1])
    let lines = try await bench.progress("/v1/apply", "{\(allow)}")
    #expect(lines.result?.outcomes.map(\.outcome) == [outcome])
    #expect(bench.numbers == ["a": number])
    await bench.stop()
  }

  @Test func aSavedPlanAppliesOnlyWhileTheWorldMatches() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let plan = try #require(
      WireJSON.decode(PlanReport.self, from: try await bench.post("/v1/plan").body))
    bench.world.state.withLock { $0.numbers["a"] = 7 }
    let refused = try await bench.progress("/v1/apply", #"{"digest": "\#(plan.digest)"}"#)
    #expect(refused.result?.refusal?.contains("have changed since the plan was made") == true)
    #expect(bench.numbers == ["a": 7])
    bench.world.state.withLock { $0.numbers["a"] = 1 }
    let done = try await bench.progress("/v1/apply", #"{"digest": "\#(plan.digest)"}"#)
    #expect(done.result?.refusal == nil)
    #expect(bench.numbers == ["a": 2])
    await bench.stop()
  }

  @Test func aFailureIsToldInWords() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.applyFailure = "the shelf broke" }
    let outcome = try await bench.progress("/v1/apply", "{}").result?.outcomes.first
    #expect(outcome?.outcome == "failed")
    #expect(outcome?.reason?.contains("put a number on the shelf: the shelf broke") == true)
    await bench.stop()
  }

  @Test func reconcileWithWaitTellsHowThePassWent() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let lines = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    #expect(lines.result?.outcomes.map(\.outcome) == ["verified"])
    #expect(bench.numbers == ["a": 2])
    await bench.stop()
  }

  @Test(arguments: [true, false]) func reconcileMayBeAllowedMoreThanPolicyAllows(wait: Bool) async throws {
    let bench = try await ControlBench(["a": .init(number: 2, risk: .disruptive)], world: ["a": 1])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    #expect(bench.numbers == ["a": 1])
    let response = try await bench.post(
      "/v1/reconcile", #"{"wait": \#(wait), "allow": ["safe", "disruptive"]}"#)
    #expect(response.status == (wait ? 200 : 202))
    #expect(await eventually { bench.numbers == ["a": 2] })
    await bench.stop()
  }

  @Test func reconcileWithoutWaitIsTakenAtOnce() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1], byItself: true)
    #expect(try await bench.post("/v1/reconcile").status == 202)
    #expect(await eventually { bench.numbers == ["a": 2] })
    await bench.stop()
  }

  @Test func aRunGoesOnWhenItsClientGoes() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.isSlow = true }
    do {
      let stream = try await bench.stream("/v1/apply", "{}")
      for try await _ in stream.body { break }
    }
    bench.world.state.withLock { $0.isSlow = false }
    #expect(await eventually { bench.numbers == ["a": 2] })
    await bench.stop()
  }

  @Test func cancelStopsTheRunUnderWay() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.isSlow = true }
    async let lines = bench.progress("/v1/apply", "{}")
    #expect(await eventually { await bench.engine.report.active == [Shelf.id("a")] })
    #expect(try await bench.post("/v1/cancel").status == 202)
    let outcomes = try await lines.result?.outcomes.map(\.outcome)
    #expect(outcomes == ["cancelled"])
    #expect(bench.numbers == ["a": 1])
    #expect(try await bench.post("/v1/cancel").status == 409)
    await bench.stop()
  }

  @Test func aRunIsRefusedWhenTheEngineStops() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.isSlow = true }
    async let lines = bench.progress("/v1/apply", "{}")
    #expect(await eventually { await bench.engine.report.active == [Shelf.id("a")] })
    #expect(await bench.engine.stop(within: .milliseconds(10)) == [Shelf.id("a")])
    let refusal = try await lines.result?.refusal
    #expect(refusal == "Phoenix is stopping")
    let later = try await bench.progress("/v1/apply", "{}").result?.refusal
    #expect(later == "Phoenix is stopping")
    await bench.stop()
  }

  @Test(arguments: [
    ("/v1/plan", #"{"targets": ["nonsense"]}"#, 400), ("/v1/plan", #"{"targets": ["dns/number/z"]}"#, 404),
    ("/v1/plan", #"{"targets": "dns"}"#, 400), ("/v1/apply", "[", 400),
    ("/v1/apply", #"{"allow": ["everything"]}"#, 400), ("/v1/nothing", "", 404), ("/v1/status", "", 405),
    ("/v1/suspend", #"{"resource": "dns/number/z"}"#, 404),
    ("/v1/resume", #"{"resource": "dns/number/z"}"#, 404),
    ("/v1/suspend", #"{"resource": "dns"}"#, 400),
    ("/v1/suspend", #"{"resource": "dns/number/a", "for_s": 0}"#, 400), ("/v1/resume", "{}", 400),
  ])
  func whatMakesNoSenseIsRefusedInWords(path: String, body: String, status: Int) async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    let response = try await bench.post(path, body)
    #expect(response.status == status)
    let report = try #require(WireJSON.decode(ErrorReport.self, from: response.body))
    #expect(!report.doing.isEmpty && !report.got.isEmpty)
    #expect(bench.numbers == ["a": 1])
    await bench.stop()
  }

  @Test func plansAreLimitedInRate() async throws {
    let clock = ManualClock()
    let bench = try await ControlBench([:], world: [:], clock: clock.clock)
    for _ in 0..<10 { #expect(try await bench.post("/v1/plan").status == 200) }
    let refused = try await bench.post("/v1/plan")
    #expect(refused.status == 429)
    clock.advance(by: .seconds(1))
    #expect(try await bench.post("/v1/plan").status == 200)
    await bench.stop()
  }
}
