import PhoenixCore
import PhoenixEngine
import Testing

struct TextTests {
  @Test func plan() throws {
    try Golden.expect(PlanText.render(PlanReport(TextFixtures.plan)), "plan")
  }

  @Test func colouredPlan() throws {
    let text = PlanText.render(PlanReport(TextFixtures.plan), style: TextStyle(isColoured: true))
    try Golden.expect(text, "plan-coloured")
  }

  @Test func emptyPlan() throws {
    let plan = Plan(digest: "d", actions: [], held: [], findings: [], systems: [.proxmox: .readable])
    try Golden.expect(PlanText.render(PlanReport(plan)), "plan-empty")
  }

  @Test func planAsJSON() throws {
    let text = String(decoding: WireJSON.encodePretty(PlanReport(TextFixtures.plan)), as: UTF8.self)
    try Golden.expect(text + "\n", "plan.json")
  }

  @Test func planSurvivesJSON() throws {
    let plan = PlanReport(TextFixtures.plan)
    #expect(WireJSON.decode(PlanReport.self, from: WireJSON.encode(plan)) == plan)
  }

  @Test func status() throws { try Golden.expect(StatusText.render(TextFixtures.status), "status") }

  @Test func statusAsJSON() throws {
    let text = String(decoding: WireJSON.encodePretty(TextFixtures.status), as: UTF8.self)
    try Golden.expect(text + "\n", "status.json")
  }

  @Test func statusOfTargets() throws {
    let target = try #require(Target("1002"))
    #expect(TextFixtures.status.about([target]).resources.map(\.state) == [.drifted])
    #expect(TextFixtures.status.about([target]).systems.map(\.system) == [.proxmox])
  }

  @Test func outcomes() throws {
    let report = RunReport(TextFixtures.run, isPlan: false)
    try Golden.expect(OutcomeText.render(report), "outcomes")
    try Golden.expect(String(decoding: WireJSON.encodePretty(report), as: UTF8.self) + "\n", "outcomes.json")
    #expect(WireJSON.decode(RunReport.self, from: WireJSON.encode(report)) == report)
  }

  @Test func refusedRun() throws {
    let report = RunReport(.refused(RunID("r1"), "the world has changed"), isPlan: false)
    try Golden.expect(OutcomeText.render(report), "outcomes-refused")
  }

  @Test func explanation() throws {
    try Golden.expect(ExplanationText.render(TextFixtures.explanation), "explanation")
    let json = WireJSON.encode(TextFixtures.explanation)
    #expect(WireJSON.decode(ExplanationReport.self, from: json) == TextFixtures.explanation)
  }

  @Test func certificates() throws {
    let shown = TextFixtures.certificates.map { CertificateText.show($0) }
    try Golden.expect(
      ([CertificateText.list(TextFixtures.certificates)] + shown).joined(separator: "\n"), "certificates")
    #expect(CertificateText.list([]) == "The files declare no certificates.\n")
  }

  @Test func statusLine() throws {
    let lines = [
      StatusLine.render(TextFixtures.status),
      StatusLine.render(TextFixtures.status, refusal: "the files are refused"),
      StatusLine.render(StatusReport(systems: [.proxmox: .readable], resources: [], nextPass: nil)),
    ]
    try Golden.expect(lines.joined(separator: "\n") + "\n", "status-line")
  }

  @Test func nothingForeignDrivesATerminal() {
    let texts = [
      PlanText.render(PlanReport(TextFixtures.plan)), StatusText.render(TextFixtures.status),
      OutcomeText.render(RunReport(TextFixtures.run, isPlan: false)),
    ]
    for text in texts {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }
  }
}
