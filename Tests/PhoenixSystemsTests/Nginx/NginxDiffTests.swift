import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What a gateway needs")
struct NginxDiffTests {
  private typealias Fixtures = NginxFixtures

  private let gateway = Fixtures.gateway

  @Test("What is right needs nothing, is ready, and tells nothing")
  func nothing() {
    let observed = Fixtures.observed()
    #expect(Fixtures.changes(observed).isEmpty)
    #expect(Nginx.findings(desired: Fixtures.desired, observed: observed).isEmpty)
    for resource in [gateway.resource] + gateway.hosts.map(\.resource) {
      #expect(Nginx.ready(resource, desired: Fixtures.desired, observed: observed) == .ready)
    }
  }

  @Test("It tells which generation of its client certificate is loaded, and nothing while that is not known")
  func taken() throws {
    let client = try #require(Fixtures.gateway.upstream?.client.name)
    var state = Fixtures.state
    state.client = client
    #expect(Nginx.facts(of: Fixtures.observed(state)) == [.clientTaken(client): .known(.text("g1"))])
    state.loaded = String(repeating: "0", count: 64)
    #expect(Nginx.facts(of: Fixtures.observed(state)) == [.clientTaken(client): .absent])
    (state.loaded, state.unit) = (Fixtures.state.loaded, "inactive")
    #expect(Nginx.facts(of: Fixtures.observed(state)) == [.clientTaken(client): .absent])
    (state.files.isTouched, state.unit) = (true, "active")
    #expect(Nginx.facts(of: Fixtures.observed(state)) == [.clientTaken(client): .absent])
  }

  // MARK: Our file

  @Test("A file that lies there and is not loaded is a difference", arguments: [nil, "another"])
  func notLoaded(hash: String?) {
    var state = Fixtures.state
    state.loaded = hash
    let change = Fixtures.changes(Fixtures.observed(state)).first
    #expect(change?.resource.description == "nginx/gateway/101")
    #expect(
      change?.fields == [
        FieldChange("loaded", from: hash.map { .text($0) }, to: .text(Fixtures.file.hash))
      ])
    #expect(
      Nginx.ready(gateway.resource, desired: Fixtures.desired, observed: Fixtures.observed(state)) != .ready)
  }

  @Test("A line that somebody changed is shown with its number")
  func changedLine() throws {
    var state = Fixtures.state
    let text = Fixtures.file.file.text
    let place = try #require(text.firstRange(of: "proxy_ssl_verify on;"))
    let changed = text[..<place.lowerBound] + "proxy_ssl_verify off;" + text[place.upperBound...]
    state.files.files[gateway.path]?.text = String(changed)
    state.files.files[gateway.path]?.sha256 = "other"
    let fields = try #require(Fixtures.changes(Fixtures.observed(state)).first?.fields)
    #expect(fields.count == 1)
    #expect(fields.first?.field.hasPrefix("\(gateway.path):") == true)
    #expect(fields.first?.to == .text("proxy_ssl_verify on;"))
  }

  @Test("A missing file is created")
  func missing() {
    var state = Fixtures.state
    (state.files, state.loaded, state.generation) = (ServiceFilesState(), nil, nil)
    let change = Fixtures.changes(Fixtures.observed(state)).first
    #expect(change?.kind == .create && change?.reason.hasSuffix("is missing") == true)
  }

  @Test("A new client certificate makes another file, which is loaded")
  func newClient() {
    let change = Fixtures.changes(
      Fixtures.observed(), Fixtures.facts(generation: .known(.text("g2")))
    ).first
    #expect(change?.resource == gateway.resource)
    #expect(change?.fields.count == 2)
    #expect(
      change?.fields.first
        == FieldChange(
          "\(gateway.path):2", from: .text("\(GatewayFile.generationMark)g1"),
          to: .text("\(GatewayFile.generationMark)g2")))
    // Whatever needs the gateway does not wait for that.
    #expect(
      Nginx.ready(gateway.resource, desired: Fixtures.desired, observed: Fixtures.observed()) == .ready)
  }

  @Test(
    "While the client certificate's generation cannot be read nothing is changed",
    arguments: [.unreadable("no route"), .known(.text("a\nb")), .known(.number(1))] as [Reading<FactValue>])
  func unreadableClient(reading: Reading<FactValue>) {
    var state = Fixtures.state
    state.files = ServiceFilesState()
    #expect(
      Fixtures.changes(Fixtures.observed(state), Fixtures.facts(generation: reading)).allSatisfy {
        $0.resource.kind != "gateway"
      })
  }

  @Test("Without a client certificate what is in force goes on, and what is not waits")
  func noClient() {
    let facts = Fixtures.facts(generation: .absent)
    #expect(Fixtures.changes(Fixtures.observed(), facts).isEmpty)
    var state = Fixtures.state
    state.files = ServiceFilesState()
    let change = Fixtures.changes(Fixtures.observed(state), facts).first
    #expect(change?.fields == [FieldChange(gateway.path, from: nil, to: .knownAfterApply)])
  }

  @Test("A file that was edited and put back is loaded anew")
  func touched() {
    var state = Fixtures.state
    state.files.isTouched = true
    let observed = Fixtures.observed(state)
    let change = Fixtures.changes(observed).first
    #expect(change?.fields == [FieldChange("loaded", from: .text("unknown"), to: change?.fields.first?.to)])
    #expect(change?.risk == .safe)
    #expect(Nginx.ready(gateway.resource, desired: Fixtures.desired, observed: observed) == .ready)
  }

  @Test("A stopped nginx is a difference; one that is not installed is held")
  func unit() {
    var state = Fixtures.state
    (state.unit, state.loaded) = ("failed", nil)
    #expect(Fixtures.changes(Fixtures.observed(state)).first?.reason == "nginx does not run")
    state.unit = "missing"
    #expect(Fixtures.changes(Fixtures.observed(state)).first?.hold?.contains("not installed") == true)
  }

  @Test("Ours beside somebody else's is held until one of them goes", arguments: [true, false])
  func claims(isThere: Bool) {
    var state = Fixtures.state
    state.claims = [Nginx.Claim("/etc/nginx/x:1 is the default server of port 443, as ours is")]
    if isThere { state.loaded = "other" } else { (state.files, state.loaded) = (ServiceFilesState(), nil) }
    let observed = Fixtures.observed(state)
    #expect(Fixtures.changes(observed).first?.hold?.hasPrefix("/etc/nginx/x:1 is the default server") == true)
    let findings = Nginx.findings(desired: Fixtures.desired, observed: observed)
    #expect(findings.map(\.message) == state.claims.map(\.text))
    // What is loaded takes certificates up meanwhile.
    let readiness = Nginx.ready(gateway.resource, desired: Fixtures.desired, observed: observed)
    #expect((readiness == .ready) == isThere)
  }

  // MARK: What is served

  @Test(
    "What is served is compared with what was delivered",
    arguments: [["f9"], ["f1", "f9"], []] as [[String]])
  func served(fingerprints: [String]) {
    var observed = Fixtures.observed()
    observed.certificates[Fixtures.many.name]?.hosts["nginx.internal.example"] = Fixtures.served(fingerprints)
    let changes = Fixtures.changes(observed)
    #expect(changes.map(\.resource.description) == ["nginx/served/nginx.internal.example"])
    #expect(changes.first?.fields.map(\.field) == ["fingerprint"])
  }

  @Test("One name stands for all of its certificate: the first that differs")
  func oneForAll() {
    var observed = Fixtures.observed()
    for host in gateway.hosts {
      observed.certificates[host.certificate.name]?.hosts[host.name] = Fixtures.served(["f9"])
    }
    #expect(
      Fixtures.changes(observed).map(\.resource.name) == ["echo.internal.example", "qdrant.internal.example"])
    observed.certificates[Fixtures.many.name]?.hosts["echo.internal.example"] = .unreadable("no route")
    #expect(
      Fixtures.changes(observed).map(\.resource.name) == [
        "nginx.internal.example", "qdrant.internal.example",
      ])
  }

  @Test("What was refused waits, on one name; without knowing that, nothing is reloaded")
  func refused() {
    var observed = Fixtures.observed()
    observed.certificates[Fixtures.many.name]?.refused = .known("g2")
    #expect(Fixtures.changes(observed).map(\.resource.name) == ["echo.internal.example"])
    #expect(
      Fixtures.changes(observed).first?.fields == [FieldChange("generation", from: nil, to: .text("g2"))])
    observed.certificates[Fixtures.many.name]?.hosts["echo.internal.example"] = Fixtures.served(["f9"])
    observed.certificates[Fixtures.many.name]?.refused = .unreadable("no route")
    #expect(Fixtures.changes(observed).isEmpty)
  }

  @Test(
    "Without a certificate, or without knowing it, nothing is reloaded",
    arguments: [Reading<FactValue>.absent, .unreadable("no route")])
  func unknownFact(reading: Reading<FactValue>) {
    var observed = Fixtures.observed()
    observed.certificates[Fixtures.many.name]?.hosts["nginx.internal.example"] = Fixtures.served(["f9"])
    #expect(Fixtures.changes(observed, Fixtures.facts(fingerprint: reading)).isEmpty)
    #expect(Fixtures.changes(observed, Facts()).isEmpty)
  }

  // MARK: What answers

  @Test(
    "What does not come through is told in words, and changes nothing",
    arguments: [
      (.status(502), "echo.internal.example answers 502 through the gateway: Traefik does not answer"),
      (.status(503), "echo.internal.example answers 503 through the gateway: Traefik has no server for it"),
      (.status(504), "echo.internal.example answers 504 through the gateway"),
      (.none("reset"), "echo.internal.example does not answer through the gateway: reset"),
      (.status(404), nil), (.status(301), nil), (.status(500), nil),
    ] as [(Nginx.Answer, String?)])
  func answer(answer: Nginx.Answer, message: String?) {
    var observed = Fixtures.observed()
    observed.answers["echo.internal.example"] = answer
    let findings = Nginx.findings(desired: Fixtures.desired, observed: observed)
    #expect(findings.count == (message == nil ? 0 : 1))
    #expect(findings.first?.message.hasPrefix(message ?? "") ?? true)
    #expect(
      findings.first?.resource?.description ?? "nginx/served/echo.internal.example"
        == "nginx/served/echo.internal.example")
    #expect(Fixtures.changes(observed).isEmpty)
    // Before our file is in force an answer says nothing.
    var state = Fixtures.state
    state.loaded = nil
    observed.gateway = .known(state)
    #expect(Nginx.findings(desired: Fixtures.desired, observed: observed).isEmpty)
  }

  @Test("What keeps everybody out before our server blocks is told by the gateway's own path")
  func keptOut() {
    var observed = Fixtures.observed()
    observed.answers["nginx.internal.example"] = .status(400)
    let findings = Nginx.findings(desired: Fixtures.desired, observed: observed)
    #expect(
      findings.map(\.message) == [
        "nginx.internal.example answers 400 at /.well-known/phoenix, where nginx itself answers 200"
      ])
    // Without such a name, by all names together.
    var desired = Fixtures.desired
    desired.gateway?.hosts.removeAll(where: \.isOwn)
    observed.answers = ["echo.internal.example": .status(403), "qdrant.internal.example": .status(403)]
    var state = Fixtures.state
    if let gateway = desired.gateway {
      let file = GatewayFile(gateway: gateway, generation: "g1")
      (state.files, state.loaded) = (ServiceFilesState([file.file]), file.hash)
    }
    observed.gateway = .known(state)
    #expect(
      Nginx.findings(desired: desired, observed: observed).map(\.message) == [
        "every name answers 403 through the gateway"
      ])
    observed.answers["qdrant.internal.example"] = .status(200)
    #expect(Nginx.findings(desired: desired, observed: observed).isEmpty)
  }

  @Test("An nginx that reads another main file is told, and not loaded again and again")
  func elsewhere() {
    var state = Fixtures.state
    state.runsWith = Fixtures.gateway.layout.mainFile
    #expect(Fixtures.changes(Fixtures.observed(state)).isEmpty)
    (state.runsWith, state.loaded) = ("/tmp/open.conf", nil)
    let change = Fixtures.changes(Fixtures.observed(state)).first
    #expect(change?.hold?.contains("runs with -c /tmp/open.conf") == true)
    let findings = Nginx.findings(desired: Fixtures.desired, observed: Fixtures.observed(state))
    #expect(findings.contains { $0.message.contains("runs with -c /tmp/open.conf") })
  }

  @Test("A certificate for a name that nobody serves is told")
  func stranger() {
    var observed = Fixtures.observed()
    observed.stranger = .known("f1")
    let findings = Nginx.findings(desired: Fixtures.desired, observed: observed)
    #expect(findings.map(\.message) == ["the gateway shows a certificate (f1) to a name that nobody serves"])
  }
}
