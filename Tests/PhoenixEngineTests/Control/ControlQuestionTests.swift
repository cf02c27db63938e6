import PhoenixCore
import PhoenixEngine
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlQuestionTests {
  @Test func anExplanationTellsWhatIsKnown() async throws {
    let bench = try await ControlBench(["a": .init(number: 2, risk: .disruptive)], world: ["a": 1])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let response = try await bench.get("/v1/explain?resource=dns%2Fnumber%2Fa")
    let report = try #require(WireJSON.decode(ExplanationReport.self, from: response.body))
    #expect(report.status.state == .held)
    #expect(report.change?.fields.first?.to == .number(2))
    #expect(report.change?.held?.hasPrefix("disruptive changes are not allowed now") == true)
    #expect(report.system?.state == .readable)
    await bench.stop()
  }

  @Test func anExplanationTellsWhatARunOfAPartHeld() async throws {
    let bench = try await ControlBench(
      ["a": .init(number: 2, risk: .disruptive), "b": .init(number: 2, risk: .disruptive)],
      world: ["a": 1, "b": 2])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    bench.world.state.withLock { $0.numbers["b"] = 1 }
    _ = try await bench.progress("/v1/apply", #"{"targets": ["dns/number/b"]}"#)
    for name in ["a", "b"] {
      let response = try await bench.get("/v1/explain?resource=dns/number/\(name)")
      let report = try #require(WireJSON.decode(ExplanationReport.self, from: response.body))
      #expect(report.change?.held?.hasPrefix("disruptive changes are not allowed now") == true, "\(name)")
    }
    await bench.stop()
  }

  @Test func anExplanationTellsWhatWentWrong() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    bench.world.state.withLock { $0.applyFailure = "the shelf broke" }
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let response = try await bench.get("/v1/explain?resource=dns/number/a")
    let report = try #require(WireJSON.decode(ExplanationReport.self, from: response.body))
    #expect(report.status.state == .failed)
    #expect(report.trouble?.attempts == 1)
    #expect(report.trouble?.reason.contains("the shelf broke") == true)
    await bench.stop()
  }

  @Test(arguments: [
    ("/v1/explain", 400), ("/v1/explain?resource=dns", 400), ("/v1/explain?resource=dns/number/z", 404),
    ("/v1/history?since=yesterday", 400), ("/v1/history?resource=nosuch/x/y", 404),
  ])
  func questionsThatMakeNoSense(path: String, status: Int) async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    #expect(try await bench.get(path).status == status)
    await bench.stop()
  }

  @Test func onlySomeSystemsRenew() async throws {
    let bench = try await ControlBench(["a": .init(number: 2)], world: ["a": 1])
    _ = try await bench.progress("/v1/reconcile", #"{"wait": true}"#)
    let response = try await bench.post("/v1/wish", #"{"resource": "dns/number/a", "wish": "renew"}"#)
    #expect(response.status == 409)
    #expect(response.text.contains("dns has nothing to renew"))
    await bench.stop()
  }

  @Test func thereMayBeNoCertificates() async throws {
    let bench = try await ControlBench([:], world: [:])
    let response = try await bench.get("/v1/certificates")
    #expect(response.text == "{\"certificates\":[]}\n")
    await bench.stop()
  }
}
