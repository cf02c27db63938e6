import PhoenixCore
import Testing

@testable import PhoenixSystems

/// How dockerd listens.
extension DockerDiffTests {
  @Test("A dockerd on 2375 is converted: disruptive, each listener and option named")
  func exposed() throws {
    let observed = node {
      $0.engine = Fixtures.engine(["-H", "fd://", "-H", "tcp://0.0.0.0:2375"])
      $0.listeners.append(DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [400]))
    }
    let change = try #require(changes(observed).first)
    #expect(change.resource.description == "docker-api/engine/1001" && change.risk == .disruptive)
    #expect(change.reason == "dockerd of Portainer listens on *:2375: whoever reaches it is root")
    #expect(change.hold == nil)
    #expect(
      change.fields == [
        FieldChange("listens", from: .list(["*:2375"]), to: nil),
        FieldChange("docker.service ExecStart", from: .list(["-H tcp://0.0.0.0:2375"]), to: nil),
      ])
    guard case .notReady = ready("engine", observed) else {
      Issue.record("it is ready")
      return
    }
  }

  @Test("TLS that dockerd ends itself is converted, with its options in daemon.json")
  func ownTLS() throws {
    let observed = node {
      $0.engine = Fixtures.engine([])
      $0.engine.files.files["/etc/docker/daemon.json"] = Self.file(
        #"{"hosts": ["tcp://0.0.0.0:2376", "fd://"], "tlsverify": true, "debug": true}"#)
      $0.listeners = [DockerAPI.Listener(address: "*", port: 2376, names: ["dockerd"], processes: [400])]
    }
    let change = try #require(changes(observed).first)
    #expect(change.reason.contains("ends TLS itself on *:2376"))
    #expect(change.fields.map(\.field) == ["listens", "daemon.json"])
    let node = try #require(observed.nodes[1001]?.value)
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), node, DockerAPI.Layout())
    #expect(
      conversion.files.map(\.path) == [
        "/etc/systemd/system/docker.service.d/zz-phoenix.conf", "/etc/docker/daemon.json.before-phoenix",
        "/etc/docker/daemon.json",
      ])
    #expect(conversion.files.last?.mode == FileMode(bits: 0o600))
    #expect(conversion.files.last?.text == "{\n  \"hosts\": [\n    \"fd://\"\n  ],\n  \"debug\": true\n}\n")
  }

  private static func file(_ text: String) -> ServiceFilesState.File {
    var file = ServiceFilesState.File(ServiceFile("/x", text: text))
    file.mode = FileMode(bits: 0o600)
    return file
  }

  @Test(
    "The drop-in holds what stays",
    arguments: [
      // What systemd and the kernel say is the same: the kernel is exact.
      (
        ["-H", "tcp://:2375", "--label", "a b"], ["-H", "tcp://:2375", "--label", "a", "b"], #"--label "a b""#
      ),
      // A variable hides it.
      (["-H", "fd://", "-H", "tcp://:2375", "--x=$y"], ["-H", "fd://", "$OPTS"], "-H fd:// --x=$$y"),
      // A variable hides nothing.
      (["-H", "fd://", "--debug"], ["-H", "fd://", "$OPTS", "-H", "tcp://:1"], "-H fd:// $OPTS"),
      // The unit was changed and dockerd not restarted.
      (["-H", "tcp://:2375"], ["-H", "tcp://:2375", "--new=100%"], "--new=100%%"),
    ] as [([String], [String], String)])
  func dropIn(running: [String], configured: [String], line: String) throws {
    var state = DockerAPI.NodeState(engine: Fixtures.engine(configured))
    state.engine.running = ["/usr/sbin/dockerd"] + running
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), state, DockerAPI.Layout())
    let text = try #require(conversion.files.first?.text)
    #expect(text.hasSuffix("[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd \(line)\n"))
  }

  @Test("A socket unit on TCP is converted; its unix sockets stay")
  func socketUnit() throws {
    let observed = node { $0.engine.socketListens = ["/run/docker.sock", "[::]:2375"] }
    let change = try #require(changes(observed).first)
    #expect(change.fields.map(\.field) == ["docker.socket ListenStream"])
    let node = try #require(observed.nodes[1001]?.value)
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), node, DockerAPI.Layout())
    #expect(conversion.files.last?.path == "/etc/systemd/system/docker.socket.d/zz-phoenix.conf")
    #expect(conversion.files.last?.text.hasSuffix("ListenStream=\nListenStream=/run/docker.sock\n") == true)
  }

  @Test("TLS without an address opens a port of its own")
  func tlsAlone() {
    #expect(changes(node { $0.engine = Fixtures.engine(["--tlsverify"]) }).count == 1)
    #expect(changes(node { $0.engine = Fixtures.engine(["--tlsverify", "-H", "fd://"]) }).isEmpty)
  }

  @Test("A change that was begun is ended")
  func unfinishedEngine() {
    let observed = node { $0.engine.files.isUnfinished = true }
    #expect(changes(observed).map { $0.fields.map(\.field) } == [["restarted"]])
  }

  @Test("A daemon.json that cannot be understood holds the change, and is told")
  func garbledConfiguration() throws {
    let observed = node { $0.engine.files.files["/etc/docker/daemon.json"] = Self.file("{") }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    let open = node {
      $0.engine = Fixtures.engine(["-H", "tcp://:2375"])
      $0.engine.files.files["/etc/docker/daemon.json"] = Self.file("{")
    }
    #expect(try #require(changes(open).first).hold?.contains("daemon.json") == true)
  }

  @Test("A port that a restart would not close is told, and dockerd left alone")
  func publishedPort() {
    let observed = node {
      $0.engine.files.files["/etc/systemd/system/docker.service.d/zz-phoenix.conf"] = Self.file("x")
      $0.listeners.append(DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [400]))
    }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.error])
    #expect(findings(observed).first?.hint?.contains("docker service ls") == true)
    guard var state = observed.nodes[1001]?.value else { return }
    state.engine.otherSockets = ["docker-tcp.socket"]
    var handed = observed
    handed.nodes[1001] = .known(state)
    #expect(findings(handed).first?.message.hasSuffix("it may have it from docker-tcp.socket") == true)
  }

  @Test("A port that another socket unit hands to dockerd is told, whatever its number")
  func handedOver() {
    let observed = node {
      $0.engine.files.files["/etc/systemd/system/docker.service.d/zz-phoenix.conf"] = Self.file("x")
      $0.engine.otherSockets = ["docker-tcp.socket"]
      $0.listeners += [
        DockerAPI.Listener(
          address: "0.0.0.0", port: 4243, names: ["dockerd", "systemd"], processes: [1, 400]),
        // The swarm's own.
        DockerAPI.Listener(address: "*", port: 7946, names: ["dockerd"], processes: [400]),
      ]
    }
    #expect(changes(observed).isEmpty)
    let found = findings(observed)
    #expect(found.map(\.severity) == [.error])
    #expect(found.first?.message.contains("listens on 0.0.0.0:4243") == true)
    #expect(found.first?.hint?.hasPrefix("systemctl disable --now") == true)
    let engine = ResourceID(.dockerAPI, "engine", "1001")
    #expect(
      DockerAPI.ready(engine, desired: Fixtures.desired, observed: observed)
        == .notReady("dockerd listens on 0.0.0.0:4243"))
  }

  @Test(
    "A drop-in that goes after ours is named, for the service and for the socket",
    arguments: ["service", "socket"])
  func overruled(unit: String) throws {
    var state = DockerAPI.NodeState(
      engine: Fixtures.engine(unit == "service" ? ["-H", "tcp://:2375"] : ["-H", "fd://"]))
    if unit == "socket" { state.engine.socketListens = ["/run/docker.sock", "0.0.0.0:2375"] }
    let engine = DockerAPI.Engine(login: Fixtures.login, addresses: [])
    let first = EngineConversion(engine, state, DockerAPI.Layout())
    #expect(try #require(first.change).hold == nil)
    for file in first.files { state.engine.files.files[file.path] = ServiceFilesState.File(file) }
    let again = try #require(EngineConversion(engine, state, DockerAPI.Layout()).change)
    #expect(again.hold?.contains("a drop-in of docker.\(unit) that sorts after zz-phoenix.conf") == true)
    #expect(again.hold?.contains("systemctl cat docker.\(unit)") == true)
  }

  @Test("Somebody else on 2375 is named and never ended")
  func foreign() {
    let observed = node {
      $0.listeners.append(
        DockerAPI.Listener(address: "0.0.0.0", port: 2375, names: ["socat"], processes: [77]))
    }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    #expect(
      findings(observed).first?.message.contains("socat (pid 77) listens on 0.0.0.0:2375 in Portainer")
        == true)
  }

  @Test(
    "A process that calls itself dockerd is not: it is told by its number, and nothing is restarted for it")
  func pretender() {
    let observed = node {
      $0.listeners.append(
        DockerAPI.Listener(address: "127.0.0.1", port: 2375, names: ["dockerd"], processes: [77]))
    }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    #expect(findings(observed).first?.message.contains("dockerd (pid 77) listens on 127.0.0.1:2375") == true)
  }

  @Test("A socket for everybody, and a dockerd that does not start with its guest, are told")
  func careless() {
    for mode in [0o666, 0o662] as [UInt16] {
      let found = findings(node { $0.engine.socketMode = FileMode(bits: mode) })
      #expect(found.map(\.severity) == [.error] && found.first?.message.contains("is root there") == true)
    }
    #expect(findings(node { $0.engine.socketMode = FileMode(bits: 0o660) }).isEmpty)
    let locked = findings(
      node {
        $0.engine.socketMode = FileMode(bits: 0o660)
        $0.engine.socketOwner = FileOwner(user: "root", group: "staff")
      })
    #expect(
      locked.first?.message.contains("is root:staff 660, and the proxy on 2376 is in the group docker")
        == true)
    let asleep = findings(
      node {
        $0.engine.unit.isEnabled = false
        $0.engine.socketListens = nil
      })
    #expect(asleep.map(\.message) == ["docker.service of Portainer is not started with its guest"])
  }

  @Test("What changes the proxy's unit is named")
  func dropIn() {
    let path = "/etc/systemd/system/phoenix-docker-proxy.service.d/override.conf"
    let observed = node { $0.proxy?.unit.dropIns = [path] }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    #expect(findings(observed).first?.message.hasPrefix("\(path) of Portainer changes the unit") == true)
  }
}
