import Testing

@testable import PhoenixCore

@Suite("Backoff, circuits, times")
struct TimingTests {
  @Test(arguments: zip([1, 2, 3, 8, 9, 100], [2, 4, 8, 256, 300, 300]))
  func backoffDoublesThenStops(attempt: Int, seconds: Int) {
    #expect(Backoff().delay(attempt: attempt, jitter: 0) == .seconds(seconds))
  }

  @Test func jitterTakesAwayAFifthAtMost() {
    let most = Backoff().delay(attempt: 4, jitter: 0.999)
    #expect(most < .seconds(16) && most > .milliseconds(12_790))
  }

  @Test func aCircuitOpensAtTheThirdFailureAndClosesAtASuccess() {
    var circuit = Circuit()
    let now = BootTime(milliseconds: 0)
    let opened = (1...3).map { _ in circuit.fail(at: now, jitter: 0) }
    #expect(opened == [false, false, true])
    #expect(!circuit.allows(at: BootTime(milliseconds: 14_999)))
    #expect(circuit.allows(at: BootTime(milliseconds: 15_000)), "half-open: one may try")
    let closed = (1...2).map { _ in circuit.succeed() }
    #expect(closed == [true, false], "the second time it was closed already")
    #expect(circuit.allows(at: now))
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_800_000_000, "2027-01-15T08:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func timesReadAsDates(seconds: Int64, text: String) {
    #expect(WallTime(seconds: seconds).utcText == text)
  }

  @Test(arguments: [
    ("103", "proxmox/firewall/103", true), ("103", "proxmox/firewall/1030", false),
    ("proxmox", "proxmox/firewall/103", true), ("proxmox/firewall/10", "proxmox/firewall/103", true),
    ("nginx", "proxmox/firewall/103", false),
    ("certificates/certificate/a", "certificates/certificate/a", true),
  ])
  func targetsMatch(target: String, resource: String, matches: Bool) throws {
    let target = try #require(Target(target))
    let resource = try #require(ResourceID(parsing: resource))
    #expect(target.matches(resource) == matches)
  }

  @Test(arguments: ["", "nonsense", "nonsense/a/b"])
  func badTargetsAreRefused(text: String) { #expect(Target(text) == nil) }

  @Test func resourcesSortByNumber() {
    let names = ["1001", "101", "9000", "103"].map { ResourceID(.proxmox, "firewall", $0) }
    #expect(names.sorted().map(\.name) == ["101", "103", "1001", "9000"])
  }
}
