import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What Traefik needs")
struct TraefikDiffTests {
  private static let compiled = LawExample.compile(Traefik.self)
  private static var desired: Traefik.Desired { compiled.desired }
  private static var right: Traefik.Observed { TraefikFixtures.right(desired) }
  private static let name = "traefik.internal.example"

  private func changes(_ change: (inout Traefik.GuestState) -> Void) -> [Change] {
    var observed = Self.right
    if var state = observed.guest?.value {
      change(&state)
      observed.guest = .known(state)
    }
    return changes(observed)
  }

  private func changes(_ observed: Traefik.Observed, _ facts: Facts? = nil) -> [Change] {
    Traefik.diff(
      desired: Self.desired, observed: observed,
      facts: facts ?? Facts(TraefikFixtures.facts(Self.desired)), now: CertificateFixtures.now)
  }

  static let taken: [(Reading<FactValue>?, Bool)] = [
    (.known(.text("new")), false), (.known(.text("old")), true), (.absent, true),
    (.unreadable("no route"), true), (nil, true),
  ]

  @Test("The gateway's old leaf is let in until nginx has loaded the new certificate", arguments: taken)
  func leaving(reading: Reading<FactValue>?, isKept: Bool) throws {
    let client = "nginx-gateway-client.internal.example"
    #expect(Self.desired.proxy?.plan.tellingClients == [client])
    var facts = TraefikFixtures.facts(Self.desired)
    let (old, new) = (TraefikFixtures.sha1(client), TraefikFixtures.sha1("new"))
    facts[.clientFingerprints(client)] = .known(.list([new]))
    facts[FactKey("certificate.generation", of: client)] = .known(.text("new"))
    facts[.clientTaken(client)] = reading
    let proxy = try #require(Self.desired.proxy)
    let state = try #require(Self.right.guest?.value)
    let file = try #require(Traefik.dynamicFile(proxy, state, Facts(facts)))
    #expect(file.inputs.clients[client]?.map(\.sha1) == [new] + (isKept ? [old] : []))
    // What phoenixd has not issued was written there by somebody else.
    facts[.recordedFingerprints(client)] = .known(.list([new]))
    let unforged = try #require(Traefik.dynamicFile(proxy, state, Facts(facts)))
    #expect(unforged.inputs.clients[client]?.map(\.sha1) == [new])
    facts[.clientFingerprints(client)] = .unreadable("no route")
    let unread = try #require(Traefik.dynamicFile(proxy, state, Facts(facts)))
    #expect(unread.inputs.clients[client] == [])
  }

  @Test(
    "Of what stands in the file its name alone counts: the certificate is the one that phoenixd had issued")
  func forgedLeaf() throws {
    let client = "nginx-gateway-client.internal.example"
    let proxy = try #require(Self.desired.proxy)
    var state = try #require(Self.right.guest?.value)
    let evil = TraefikFixtures.pem.replacing("MII", with: "MIX")
    let path = try #require(state.dynamicFile.files.keys.first)
    let text = try #require(state.dynamicText)
    state.dynamicFile.files[path]?.text = text.replacing(
      TraefikFixtures.pem.split(separator: "\n")[1], with: evil.split(separator: "\n")[1])
    var facts = TraefikFixtures.facts(Self.desired)
    facts[.clientFingerprints(client)] = .unreadable("no route")
    let file = try #require(Traefik.dynamicFile(proxy, state, Facts(facts)))
    #expect(file.inputs.clients[client]?.map(\.pem) == [TraefikFixtures.pem])
  }

  @Test("Whoever is answered without a certificate is an error")
  func strangers() {
    var observed = Self.right
    for (reading, count) in [(Reading.known(true), 1), (.known(false), 0), (.unreadable("refused"), 0)] {
      observed.answersStrangers = reading
      let errors = Traefik.findings(desired: Self.desired, observed: observed).filter {
        $0.severity == .error
      }
      #expect(errors.count == count)
    }
  }

  @Test(
    "A certificate that is not declared for the mesh and gets in is an error; one that could not be shown a note",
    arguments: [
      ([.closed, .closed], nil), ([.closed, .answered(404)], .error),
      ([.answered(200), .answered(200)], .error),
      ([.untried("no curl"), .untried("no curl")], .note),
    ] as [([ProbeAnswer], Finding.Severity?)])
  func undeclared(answers: [ProbeAnswer], severity: Finding.Severity?) {
    #expect(Self.desired.proxy?.stranger?.name == "traefik-client.internal.example")
    var observed = Self.right
    observed.stranger = CertificateProof(leaf: "ab", answers: answers)
    let findings = Traefik.findings(desired: Self.desired, observed: observed)
    #expect(findings.map(\.severity) == [severity].compactMap { $0 })
    #expect(findings.allSatisfy { $0.message.contains("traefik-client.internal.example on 10.0.0.12:8443") })
  }

  @Test("A static file that differs is disruptive while Traefik runs, and safe before")
  func risk() {
    let running = changes { $0.staticFile.files["/etc/traefik/traefik.yml"]?.sha256 = "other" }
    #expect(running.map(\.resource.description) == ["traefik/static/102"])
    #expect(running.first?.risk == .disruptive)
    let stopped = changes {
      $0.staticFile = ServiceFilesState()
      $0.unit = "inactive"
      $0.isEnabled = false
    }
    #expect(stopped.first?.risk == .safe && stopped.first?.kind == .create)
    #expect(stopped.first?.fields.map(\.field) == ["/etc/traefik/traefik.yml", "enabled", "traefik"])
  }

  @Test(
    "A Traefik that runs with another file is started anew, unless its unit says that file",
    arguments: [
      (nil, nil, nil, nil), ("/etc/traefik/traefik.yml", "/etc/traefik/traefik.yml", nil, nil),
      ("/tmp/open.yml", "/etc/traefik/traefik.yml", "configFile", nil),
      ("/tmp/open.yml", nil, "configFile", nil),
      ("/tmp/open.yml", "/tmp/open.yml", "configFile", "starts it with /tmp/open.yml"),
      (nil, "/tmp/open.yml", "configFile", "starts it with /tmp/open.yml"),
    ] as [(String?, String?, String?, String?)])
  func anotherFile(runs: String?, starts: String?, field: String?, hold: String?) throws {
    let found = changes {
      $0.runsWith = runs
      $0.startedWith = starts
    }
    #expect(found.map { $0.fields.map(\.field) } == (field.map { [[$0]] } ?? []))
    #expect(found.allSatisfy { $0.risk == .disruptive })
    #expect((found.first?.hold == nil) == (hold == nil))
    if let hold { #expect(found.first?.hold?.contains(hold) == true) }
  }

  @Test(
    "The static file that a command names",
    arguments: [
      (["traefik"], "/etc/traefik/traefik.toml"), (["traefik", "--configFile=/a", "--configFile=/b"], "/b"),
      (["traefik", "--configFile=/a"], "/a"), (["traefik", "--configfile", "/a"], "/a"),
      (["traefik", "-configFile=/a", "--log.level=INFO"], "/a"),
      (["traefik", "--configFile"], "/etc/traefik/traefik.toml"),
      (["traefik", "--entryPoints.configFile=/a"], "/etc/traefik/traefik.toml"), ([], nil),
    ] as [([String], String?)])
  func configurationFile(words: [String], path: String?) {
    #expect(Traefik.configurationFile(in: words, orElse: "/etc/traefik/traefik.toml") == path)
    #expect(Traefik.configurationFile(in: ["traefik"], orElse: "") == nil)
  }

  @Test("A static file that was edited and put back is in doubt: Traefik reads it only when it starts")
  func touched() {
    let found = changes { $0.staticFile.isTouched = true }
    #expect(found.map(\.resource.description) == ["traefik/static/102"])
    #expect(found.first?.fields.map(\.field) == ["loaded"])
    #expect(found.first?.risk == .disruptive)
  }

  @Test(
    "A unit that does not run, or not with its guest, is a safe difference; none at all is held",
    arguments: [("inactive", true), ("failed", true), ("active", false), ("missing", false)]
      as [(String, Bool)])
  func unit(unit: String, isEnabled: Bool) {
    let found = changes {
      $0.unit = unit
      $0.isEnabled = isEnabled
    }
    #expect(found.map(\.resource.description) == ["traefik/static/102"])
    #expect(found.first?.risk == .safe)
    #expect((found.first?.hold != nil) == (unit == "missing"))
  }

  @Test("The dynamic file is compared with the loaded one, as far as that can be asked")
  func loaded() {
    var observed = Self.right
    observed.loaded = .known(["ffffffffffff"])
    #expect(changes(observed).map { $0.fields.map(\.field) } == [["loaded"]])
    let dynamic = ResourceID(.traefik, "dynamic", "102")
    #expect(Traefik.ready(dynamic, desired: Self.desired, observed: observed) != .ready)
    observed.loaded = .unreadable("no client certificate yet")
    #expect(changes(observed).isEmpty)
    #expect(Traefik.ready(dynamic, desired: Self.desired, observed: observed) == .ready)
    #expect(Traefik.health(of: observed) == .partly("Traefik's API: no client certificate yet"))
  }

  @Test(
    "A file that something else overrules is not ready", arguments: ["strangers", "undeclared", "strays"])
  func overruled(by what: String) {
    let dynamic = ResourceID(.traefik, "dynamic", "102")
    var observed = Self.right
    #expect(Traefik.ready(dynamic, desired: Self.desired, observed: observed) == .ready)
    switch what {
    case "strangers": observed.answersStrangers = .known(true)
    case "undeclared": observed.stranger = CertificateProof(leaf: "f", answers: [.answered(200)])
    default: observed.strays = ["the router open@file has TLS options of its own"]
    }
    let findings = Traefik.findings(desired: Self.desired, observed: observed).filter {
      $0.severity == .error
    }
    #expect(findings.count == 1)
    #expect(
      Traefik.ready(dynamic, desired: Self.desired, observed: observed)
        == .notReady(findings.first?.message ?? ""))
    #expect(changes(observed).isEmpty)
  }

  @Test("Servers, clients and generations that come or go are safe changes of the dynamic file")
  func facts() {
    for key in TraefikFixtures.facts(Self.desired).keys
    where key.name != "certificate.fingerprint" && !key.name.hasPrefix("certificate.recorded") {
      var facts = TraefikFixtures.facts(Self.desired)
      facts[key] = .absent
      if key.name == "certificate.client.sha1" { facts[.clientLeaves(key.subject)] = .absent }
      if key.name == "certificate.client.pem" { facts[.clientFingerprints(key.subject)] = .absent }
      let found = changes(Self.right, Facts(facts))
      #expect(found.map(\.resource.description) == ["traefik/dynamic/102"], "\(key)")
      #expect(found.first?.risk == .safe)
      facts[key] = .unreadable("no route")
      if key.name != "swarm.servers", key.name != "certificate.generation" { continue }
      #expect(changes(Self.right, Facts(facts)).isEmpty, "\(key)")
    }
  }

  @Test("What is admitted is what the loaded file lets in, and nothing is said of another one")
  func admitted() {
    let client = TraefikWorld.gatewayClient
    let key = FactKey.admitted(client, at: .traefik, guest: 102)
    #expect(Traefik.facts(of: Self.right)[key] == .known(.list([TraefikFixtures.sha1(client)])))
    for loaded in [.known(["ffffffffffff"]), .known([]), .unreadable("no"), nil] as [Reading<[String]>?] {
      var observed = Self.right
      observed.loaded = loaded
      #expect(Traefik.facts(of: observed)[key]?.unreadableReason != nil)
    }
    var observed = Self.right
    if case .known(var state) = observed.guest {
      // Edited, with the same name of the middleware: it is not the file that was loaded.
      state.dynamicFile.files["/etc/traefik/dynamic/phoenix.yml"]?.text?.append("# more\n")
      observed.guest = .known(state)
    }
    #expect(Traefik.facts(of: observed)[key]?.unreadableReason != nil)
  }

  @Test(
    "What is served is compared with what was delivered",
    arguments: [
      (["f0"], 1), (["f-traefik.internal.example", "f0"], 1), ([], 1), (["f-traefik.internal.example"], 0),
    ]
      as [([String], Int)])
  func served(fingerprints: [String], count: Int) {
    var observed = Self.right
    observed.servers[Self.name] = .known(ServedLeaves(fingerprints: fingerprints, trouble: "refused"))
    #expect(changes(observed).count == count)
    #expect(changes(observed, Facts()).isEmpty)
  }

  @Test("A router that is wrong is told and not ready, and never a difference")
  func router() {
    var observed = Self.right
    observed.routers["echo"] = .known(Traefik.RouterState(troubles: ["its rule is another"], hint: "mend it"))
    #expect(changes(observed).isEmpty)
    let router = ResourceID(.traefik, "router", "echo")
    #expect(
      Traefik.ready(router, desired: Self.desired, observed: observed) == .notReady("its rule is another"))
    #expect(
      Traefik.findings(desired: Self.desired, observed: observed).map(\.message) == ["its rule is another"])
  }

  @Test("What is declared, in the order in which it comes")
  func compile() {
    #expect(
      Self.compiled.resources.map { "\($0.id) <- \($0.requires.map(\.description).joined(separator: ", "))" }
        == [
          "traefik/dynamic/102 <- certificates/certificate/traefik.internal.example, "
            + "certificates/certificate/phoenix-client.internal.example",
          "traefik/router/echo <- traefik/dynamic/102, swarm/service/production_echo_echo",
          "traefik/router/portainer <- traefik/dynamic/102",
          "traefik/router/qdrant <- traefik/dynamic/102, swarm/service/production_qdrant_service_qdrant",
          "traefik/served/traefik.internal.example <- traefik/dynamic/102, traefik/static/102, "
            + "certificates/certificate/traefik.internal.example",
          "traefik/static/102 <- traefik/dynamic/102, certificates/certificate/traefik-client.internal.example",
        ])
    #expect(
      Self.compiled.findings.map(\.message) == [
        "nginx has no router: it is the gateway, and a request would go round for ever"
      ])
  }
}
