@testable import PhoenixCore

/// A plan and a status with one of everything.
enum TextFixtures {
  static let since = WallTime(seconds: 1_795_406_706)

  static let findings = [
    Finding(
      .warning, at: Location(file: "phoenix_vm_configs.json", line: 12, column: 9),
      "this port is open to everybody",
      hint: "name the sources"),
    Finding(.note, resource: ResourceID(.proxmox, "container", "950"), "nobody declares it"),
  ]

  static let systems: [SystemName: SystemHealth] = [
    .proxmox: .readable, .stepCA: .unreadable("no answer within 30 s"),
    .nginx: .partly("guest 101 does not answer"), .certificates: .readable,
  ]

  static var plan: Plan {
    let guest = ResourceID(.proxmox, "container", "900")
    let create = Change(
      guest, .create,
      fields: [
        FieldChange("memory_mb", from: nil, to: .number(512)),
        FieldChange("password", from: nil, to: .sensitive(tag: "t")),
        FieldChange("unprivileged", from: nil, to: .flag(true)),
        FieldChange("node", from: nil, to: .knownAfterApply),
      ], reason: "it does not exist")
    let update = Change(
      ResourceID(.proxmox, "container", "103"), .update,
      fields: [
        FieldChange("memory_mb", from: .number(512), to: .number(1024), pendingRestart: true),
        FieldChange("features", from: .list(["nesting=1"]), to: .list(["nesting=1", "keyctl=1"])),
        FieldChange("description", from: .text("a\u{1b}[31mb"), to: nil),
      ], reason: "memory differs", requires: [guest])
    let rules = (1...6).map { "IN ACCEPT tcp/\($0 * 1000) from 10.0.0.0/24" }
    let firewall = Change(
      ResourceID(.proxmox, "firewall", "1001"), .update,
      fields: [
        FieldChange("rules", from: .list(["IN ACCEPT tcp/2375"] + rules.dropLast()), to: .list(rules))
      ], reason: "2375 is open")
    let restart = Change(
      ResourceID(.nginx, "served", "qdrant.internal.example"), .update,
      fields: [FieldChange("generation", from: .number(3), to: .number(4))], reason: "an older one is loaded",
      risk: .disruptive)
    let delete = Change(
      ResourceID(.dns, "record", "old.internal.example"), .delete, reason: "nothing declares it")
    return Plan(
      digest: "sha256:0123",
      actions: [
        Action(create, after: [], deadline: .seconds(120)),
        Action(firewall, after: [], deadline: .seconds(120)),
        Action(delete, after: [], deadline: .seconds(120)),
        Action(update, after: [guest], deadline: .seconds(120)),
      ],
      held: [HeldChange(restart, .risk, "disruptive changes are not allowed now")], findings: findings,
      systems: systems)
  }

  static var status: StatusReport {
    let states: [(ResourceStatus.State, String?)] = [
      (.inSync, nil), (.drifted, "2375 is open"), (.pending, "guest is starting"), (.failed, "HTTP 500"),
      (.held, "disruptive"), (.suspended, "until resumed"), (.unknown, "no answer within 30 s"),
      (.inSync, nil),
    ]
    let resources = states.enumerated().map { index, state in
      ResourceStatus(
        resource: ResourceID(.proxmox, "firewall", "\(1001 + index)"), state: state.0,
        since: since + .seconds(index), detail: state.1)
    }
    return StatusReport(
      systems: systems, resources: resources, nextPass: since + .seconds(30), findings: findings)
  }

  static var run: RunResult {
    let failure = Failure(
      .transient, doing: "remove rule 3", expected: "200", got: "HTTP 500", hint: "it is tried again")
    let plan = plan
    let action = { (outcome: Outcome, attempts: Int) in
      RunResult.ActionResult(outcome: outcome, duration: .milliseconds(1_250), attempts: attempts)
    }
    return RunResult(
      id: RunID("r1"), refusal: nil, plan: plan,
      actions: [
        ResourceID(.proxmox, "container", "900"): action(.verified, 1),
        ResourceID(.proxmox, "container", "103"): action(.notConverged("memory is still 512"), 2),
        ResourceID(.proxmox, "firewall", "1001"): action(.failed(failure), 3),
        ResourceID(.nginx, "served", "qdrant.internal.example"): action(.held("disruptive"), 0),
        ResourceID(.dns, "record", "old.internal.example"): action(.unchanged, 1),
      ])
  }
}

extension TextFixtures {
  static var explanation: ExplanationReport {
    let resource = ResourceID(.nginx, "served", "qdrant.internal.example")
    let change = plan.held.first
    let certificate = ResourceID(.certificates, "certificate", "qdrant.internal.example")
    let declared = DeclaredResource(
      resource, requires: [certificate],
      at: Location(file: "certificate-manifest.json", line: 7, column: 3))
    var memory = KernelMemory()
    memory.troubles[resource] = KernelMemory.Trouble(
      reason: "reload nginx: exit 1", isPermanent: false, attempts: 3, since: since, delay: .seconds(8),
      changeDigest: "d")
    return ExplanationReport(
      ResourceStatus(resource: resource, state: .held, since: since, detail: change?.reason),
      Explanation(
        declared: declared, requires: [certificate: .notReady("there is no certificate yet")],
        neededBy: [ResourceID(.traefik, "router", "qdrant")], change: change?.change, held: change,
        trouble: memory.troubles[resource], identity: nil, health: .partly("guest 101 does not answer")),
      findings: findings + [Finding(.note, resource: resource, "another server block answers to this name")])
  }

  static var certificates: [CertificateReport] {
    let id = ResourceID(.certificates, "certificate", "qdrant.internal.example")
    let other = ResourceID(.certificates, "certificate", "docs.internal.example")
    let user = ResourceID(.nginx, "served", "qdrant.internal.example")
    let door = ResourceID(.traefik, "dynamic", "102")
    let key = { (name: String) in FactKey("certificate.\(name)", of: id.name) }
    return CertificateReport.list(
      [
        ResourceStatus(resource: id, state: .inSync, since: since),
        ResourceStatus(resource: other, state: .failed, since: since, detail: "Step-CA says 401"),
        ResourceStatus(resource: door, state: .inSync, since: since),
        ResourceStatus(resource: user, state: .drifted, since: since, detail: "an older one is loaded"),
      ],
      facts: Facts([
        key("notAfter"): .known(.number(1_795_500_000)), key("fingerprint"): .known(.text("ab12")),
        key("generation"): .known(.text("4")),
      ]), neededBy: [id: [user]], admittedBy: [id: [door]])
  }
}
