import Testing

@testable import PhoenixCore

@Suite("Planning")
struct PlannerTests {
  static let now = Moment(wall: WallTime(seconds: 1_800_000_000), boot: BootTime(milliseconds: 1_000_000))
  static let one = ResourceID(.proxmox, "firewall", "1001")
  static let two = ResourceID(.nginx, "served", "a")

  static func input(_ changes: [Change], requires: [ResourceID: [ResourceID]] = [:]) -> PlannerInput {
    var input = PlannerInput(now: now)
    input.changes = changes
    input.health = [.proxmox: .readable, .nginx: .readable]
    for id in Set(changes.map(\.resource)).union(requires.keys) {
      input.declared[id] = DeclaredResource(id, requires: requires[id] ?? [])
    }
    input.readiness = { _ in .ready }
    return input
  }

  static func update(_ id: ResourceID, risk: Risk = .safe) -> Change {
    Change(
      id, .update, fields: [FieldChange("a", from: .number(1), to: .number(2))], reason: "a differs",
      risk: risk)
  }

  @Test func aDifferenceBecomesAnAction() {
    let plan = Planner.plan(Self.input([Self.update(Self.one)]))
    #expect(plan.actions.map(\.resource) == [Self.one])
    #expect(plan.held.isEmpty)
  }

  @Test func nothingDiffersAndNothingIsPlanned() {
    #expect(Planner.plan(Self.input([])).isEmpty)
  }

  @Test func whatIsRequiredComesFirst() {
    let plan = Planner.plan(
      Self.input([Self.update(Self.one), Self.update(Self.two)], requires: [Self.one: [Self.two]]))
    #expect(plan.actions.map(\.resource) == [Self.two, Self.one])
    #expect(plan.actions.last?.after == [Self.two])
  }

  @Test func aCycleIsHeldAndNamed() {
    let plan = Planner.plan(
      Self.input(
        [Self.update(Self.one), Self.update(Self.two)],
        requires: [Self.one: [Self.two], Self.two: [Self.one]]))
    #expect(plan.actions.isEmpty)
    #expect(plan.held.count == 2)
    #expect(plan.findings.contains { $0.severity == .error && $0.message.contains("wait for one another") })
  }

  struct HeldCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let cause: HeldChange.Cause
    let prepare: @Sendable (inout PlannerInput) -> Void

    init(
      _ name: String, _ cause: HeldChange.Cause, _ prepare: @escaping @Sendable (inout PlannerInput) -> Void
    ) {
      testDescription = name
      self.cause = cause
      self.prepare = prepare
    }
  }

  static let heldCases: [HeldCase] = [
    HeldCase("its system cannot be read", .blocked) { $0.health[.proxmox] = .unreadable("down") },
    HeldCase("its system was never looked at", .blocked) { $0.health[.proxmox] = nil },
    HeldCase("suspended for ever", .suspended) { $0.memory.suspensions[one] = .init(until: nil) },
    HeldCase("suspended for a while", .suspended) {
      $0.memory.suspensions[one] = .init(until: now.wall + .seconds(1))
    },
    HeldCase("everything paused", .paused) { $0.memory.isPaused = true },
    HeldCase("self-heal off", .selfHealOff) { $0.policy.selfHealBySystem = [.proxmox: false] },
    HeldCase("disruptive and not allowed", .risk) { $0.changes = [update(one, risk: .disruptive)] },
    HeldCase("destructive, which policy can never allow", .risk) {
      $0.changes = [update(one, risk: .destructive)]
      $0.policy.allow = [.safe, .disruptive, .destructive]
    },
    HeldCase("refused by its system", .refused) {
      $0.changes = [Change(one, .update, reason: "x", hold: "it would cut our own way in")]
    },
    HeldCase("its endpoint is left alone", .circuit) {
      $0.route = { _ in Route(lane: "l", endpoint: "e") }
      $0.openCircuits = ["e"]
    },
    HeldCase("the state directory is full", .journal) { $0.isJournalWritable = false },
    HeldCase("not part of what was approved", .notApproved) { $0.approved = [:] },
    HeldCase("not part of it, and not allowed either", .risk) {
      $0.changes = [update(one, risk: .disruptive)]
      $0.approved = [:]
    },
    HeldCase("not part of it, and waiting for another", .blocked) {
      $0.declared = [one: DeclaredResource(one, requires: [ResourceID(.stepCA, "authority", "x")])]
      $0.readiness = { _ in .notReady("it starts") }
      $0.approved = [:]
    },
    HeldCase("not part of it, because a guard held it", .guard) {
      $0.approved = [:]
      $0.guarded = [one: "too many"]
    },
    HeldCase("riskier than what was approved", .notApproved) {
      $0.changes = [update(one, risk: .disruptive)]
      $0.policy.allow = [.safe, .disruptive]
      $0.approved = [one: .safe]
    },
    HeldCase("identity on record, and gone", .vanished) {
      $0.changes = [Change(one, .create, reason: "missing")]
      $0.memory.identities[one] = "uuid"
    },
    HeldCase("failed in this run", .failed) { $0.ended[one] = .notConverged("still so") },
  ]

  @Test(arguments: heldCases)
  func isHeld(_ example: HeldCase) {
    var input = Self.input([Self.update(Self.one)])
    example.prepare(&input)
    let plan = Planner.plan(input)
    #expect(plan.actions.isEmpty)
    #expect(plan.held.map(\.cause) == [example.cause])
    #expect(plan.held.first?.reason.isEmpty == false)
    #expect(PlanCheck.violations(of: plan, input).isEmpty)
  }

  /// The same causes, forced into the plan as actions: the second pair of eyes must object.
  @Test(arguments: heldCases.filter { ![.selfHealOff, .circuit, .journal, .failed].contains($0.cause) })
  func planCheckObjects(_ example: HeldCase) {
    var input = Self.input([Self.update(Self.one)])
    example.prepare(&input)
    let forced = Plan(
      digest: "", actions: input.changes.map { Action($0, after: [], deadline: .seconds(1)) }, held: [],
      findings: [], systems: input.health)
    #expect(!PlanCheck.violations(of: forced, input).isEmpty)
  }

  @Test func anOperatorsWordAllowsWhatPolicyDoesNot() {
    var input = Self.input([Self.update(Self.one, risk: .destructive)])
    input.origin = .operator(allow: [.destructive])
    #expect(Planner.plan(input).actions.count == 1)
  }

  /// A change that an operator approved before a crash, and what is wanted after it.
  struct ApprovedCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let isDone: Bool
    var wanted = update(one, risk: .destructive)
    var age: Duration = .seconds(60)
    var wasCutShort = false
  }

  private static func change(_ fields: [FieldChange], _ risk: Risk = .destructive) -> Change {
    Change(one, .update, fields: fields, reason: "it differs", risk: risk)
  }

  static let approvedCases: [ApprovedCase] = [
    ApprovedCase(testDescription: "the same", isDone: true),
    ApprovedCase(testDescription: "the same, an hour later", isDone: false, age: .seconds(3600)),
    ApprovedCase(testDescription: "the same, before it was given", isDone: false, age: .seconds(-1)),
    ApprovedCase(
      testDescription: "of another resource", isDone: false, wanted: update(two, risk: .destructive)),
    ApprovedCase(
      testDescription: "to something else", isDone: false,
      wanted: change([FieldChange("a", from: .number(1), to: .number(3))])),
    ApprovedCase(
      testDescription: "from something else", isDone: false,
      wanted: change([FieldChange("a", from: .number(7), to: .number(2))])),
    ApprovedCase(
      testDescription: "of a further field", isDone: false,
      wanted: change([
        FieldChange("a", from: .number(1), to: .number(2)), FieldChange("b", from: nil, to: .number(1)),
      ])),
    ApprovedCase(
      testDescription: "a delete instead", isDone: false,
      wanted: Change(one, .delete, reason: "nothing declares it", risk: .destructive)),
    ApprovedCase(
      testDescription: "from where the crash left it", isDone: true,
      wanted: change([FieldChange("a", from: .number(7), to: .number(2))]), wasCutShort: true),
    ApprovedCase(
      testDescription: "cut short, and to something else", isDone: false,
      wanted: change([FieldChange("a", from: .number(7), to: .number(3))]), wasCutShort: true),
  ]

  @Test(arguments: approvedCases)
  func aWordOutlastsACrashForWhatWasShown(_ example: ApprovedCase) {
    var input = Self.input([example.wanted])
    let shown = Plan(
      digest: "sha256:shown",
      actions: [Action(Self.update(Self.one, risk: .destructive), after: [], deadline: .seconds(1))],
      held: [],
      findings: [], systems: [:])
    var approval = KernelMemory.Approval(
      shown, desiredDigest: "", given: Self.now.wall + (.zero - example.age))
    if example.wasCutShort { approval.interrupted = [Self.one] }
    input.memory.approvals = [approval]
    let plan = Planner.plan(input)
    #expect(plan.actions.isEmpty != example.isDone)
    #expect(PlanCheck.violations(of: plan, input).isEmpty)
  }

  @Test func aWindowAllowsWhatPolicyDoesNot() {
    // 2027-01-15T08:00:00Z is a Friday.
    var input = Self.input([Self.update(Self.one, risk: .disruptive)])
    input.policy.windows = [MaintenanceWindow(days: [5], from: 7 * 60, to: 9 * 60, allow: [.disruptive])]
    #expect(Self.now.wall.utcText == "2027-01-15T08:00:00Z")
    #expect(Planner.plan(input).actions.count == 1)
    input.policy.windows = [MaintenanceWindow(days: [4], from: 7 * 60, to: 9 * 60, allow: [.disruptive])]
    #expect(Planner.plan(input).actions.isEmpty)
    // From Thursday 23:00 over midnight to 09:00.
    input.policy.windows = [MaintenanceWindow(days: [4], from: 23 * 60, to: 9 * 60, allow: [.disruptive])]
    #expect(Planner.plan(input).actions.count == 1)
  }

  @Test func renewalsAreNoSignOfAMistake() {
    let ids = (0..<20).map { ResourceID(.certificates, "certificate", "c\($0)") }
    for isScheduled in [true, false] {
      var input = Self.input(
        ids.map { Change($0, .update, reason: "its renewal is due", isScheduled: isScheduled) })
      input.health[.certificates] = .readable
      input.memory.seenInSync = Set(ids)
      #expect(Planner.plan(input).held.isEmpty == isScheduled)
    }
  }

  @Test func whatLiesReadyWaitsForNothing() {
    for isSelfContained in [true, false] {
      var input = Self.input(
        [Change(Self.one, .update, reason: "its mode differs", isSelfContained: isSelfContained)],
        requires: [Self.one: [Self.two]])
      input.readiness = { $0 == Self.two ? .unreadable("it is down") : .ready }
      let plan = Planner.plan(input)
      #expect(plan.actions.isEmpty != isSelfContained)
      #expect(plan.actions.allSatisfy { $0.change.requires.isEmpty })
      #expect(PlanCheck.violations(of: plan, input).isEmpty)
    }
  }

  @Test func deletesPastTheGuardAreHeld() {
    var input = Self.input([
      Change(Self.one, .delete, reason: "stray"), Change(Self.two, .delete, reason: "stray"),
    ])
    input.memory.seenInSync = [Self.one, Self.two]
    input.policy.maxDeletes = 1
    #expect(Planner.plan(input).held.map(\.cause) == [.guard, .guard])
    input.policy.maxDeletes = 2
    #expect(Planner.plan(input).held.isEmpty)
    input.policy.maxDeletes = 0
    input.memory.seenInSync = []
    #expect(Planner.plan(input).held.isEmpty, "what was never in sync does not count")
  }

  @Test(arguments: [(9, false), (10, true)])
  func theFractionAppliesFromTenResourcesUp(seen: Int, isHeld: Bool) {
    let ids = (0..<seen).map { ResourceID(.proxmox, "firewall", String($0)) }
    var input = Self.input(ids.prefix(seen / 2 + 1).map { Self.update($0) })
    input.memory.seenInSync = Set(ids)
    #expect(Planner.plan(input).held.isEmpty == !isHeld)
  }

  @Test("Neither a guard nor a full state directory keeps open what must be cut")
  func exposuresAreCut() {
    let ids = (0..<10).map { ResourceID(.proxmox, "firewall", String($0)) }
    var input = Self.input(ids.map { Change($0, .update, reason: "2375 is open", endsExposure: true) })
    input.memory.seenInSync = Set(ids)
    input.isJournalWritable = false
    // A later wave of a run that knew nothing of them.
    input.approved = [:]
    #expect(Planner.plan(input).actions.map(\.resource) == ids)
    #expect(PlanCheck.violations(of: Planner.plan(input), input).isEmpty)
    input.policy.selfHeal = false
    #expect(Planner.plan(input).actions.isEmpty)
    input.policy.selfHeal = true
    (input.changes, input.isJournalWritable, input.approved) = (ids.map { Self.update($0) }, true, nil)
    #expect(Set(Planner.plan(input).held.map(\.cause)) == [.guard])
  }

  @Test func theDigestTellsPlansApartAndNoTimes() {
    let plan = Planner.plan(Self.input([Self.update(Self.one)]))
    var later = Self.input([Self.update(Self.one)])
    later.now = Moment(wall: WallTime(seconds: 1_900_000_000), boot: BootTime(milliseconds: 9_000_000))
    #expect(Planner.plan(later).digest == plan.digest)
    #expect(Planner.plan(Self.input([Self.update(Self.one, risk: .disruptive)])).digest != plan.digest)
    var other = Self.input([Self.update(Self.one)])
    other.desiredDigest = "another"
    #expect(Planner.plan(other).digest != plan.digest)
  }

  @Test func targetsBringWhatTheyRequire() {
    var input = Self.input(
      [Self.update(Self.one), Self.update(Self.two), Self.update(ResourceID(.proxmox, "firewall", "7"))],
      requires: [Self.two: [Self.one]])
    input.targets = [Target("nginx")].compactMap { $0 }
    #expect(Planner.plan(input).actions.map(\.resource) == [Self.one, Self.two])
  }

  @Test func unreadableRequirementsBlock() {
    var input = Self.input([Self.update(Self.two)], requires: [Self.two: [Self.one]])
    input.readiness = { _ in .unreadable("silence") }
    let plan = Planner.plan(input)
    #expect(plan.held.map(\.cause) == [.blocked])
  }

  /// A renewal that cannot be done now keeps nobody from being put right who uses the certificate that is there.
  @Test(arguments: [
    (Readiness.ready, [two]), (.notReady("there is none"), []), (.unreadable("silence"), []),
  ]) func whatIsHeldAndReadyDoesNotBlock(readiness: Readiness, actions: [ResourceID]) {
    var input = Self.input(
      [Self.update(Self.one, risk: .disruptive), Self.update(Self.two)], requires: [Self.two: [Self.one]])
    input.readiness = { $0 == Self.one ? readiness : .ready }
    let plan = Planner.plan(input)
    #expect(plan.actions.map(\.resource) == actions)
    #expect(PlanCheck.violations(of: plan, input).isEmpty)
  }
}
