import FoundationEssentials
import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What a node tells of Docker")
struct DockerLookTests {
  static let layout = DockerAPI.Layout()
  private static let unit =
    "LoadState=loaded\nActiveState=active\nMainPID=400\nUnitFileState=enabled\nTriggeredBy=docker.socket "
    + "docker-tcp.socket\nExecStart={ path=/usr/sbin/dockerd ; "
    + "argv[]=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 }"
  private static let sockets = """
    LISTEN 0      4096         0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=1,fd=3))
    LISTEN 0      4096               *:2375            *:*    users:(("dockerd",pid=400,fd=7),("systemd",pid=1,fd=9))
    LISTEN 0      511             [::]:2376         [::]:*
    """

  static func fields(said: String = "silent") -> [String] {
    let command = Data("/usr/sbin/dockerd\0-H\0fd://\0--label\0a b\0".utf8).base64EncodedString()
    return [
      unit, "LoadState=loaded\nListen=/run/docker.sock (Stream)\nListen=[::]:2375 (Stream)", command, sockets,
      "200", "660 root:docker",
      "ended", "-", "-", "-", "-",
      "LoadState=loaded\nActiveState=active\nMainPID=500\nUnitFileState=enabled\nDropInPaths="
        + "/run/systemd/system/service.d/zzz-lxc-service.conf "
        + "/etc/systemd/system/phoenix-docker-proxy.service.d/a.conf",
      "1 nginx: master process /usr/sbin/nginx -c x  ", "/usr/sbin/nginx", "yes",
      said,
      "ended", "-", "-", "g2", "/usr/lib/nginx/modules/ngx_stream_module.so", "end",
    ]
  }

  private func parse(_ fields: [String], hasDoor: Bool = true) -> DockerAPI.NodeState? {
    NodeLook.parse(
      Array(fields.map { $0 + "\0" }.joined().utf8), Self.layout, hasDoor: hasDoor, clients: ["a"])
  }

  @Test("A whole answer")
  func whole() throws {
    let hash = String(repeating: "a", count: 64)
    let state = try #require(parse(Self.fields(said: "said \(hash)\na \(DockerFixtures.leaf("1"))")))
    #expect(state.engine.configured.words == ["/usr/sbin/dockerd", "-H", "fd://", "$DOCKER_OPTS"])
    #expect(state.engine.running == ["/usr/sbin/dockerd", "-H", "fd://", "--label", "a b"])
    #expect(state.engine.socketListens == ["/run/docker.sock", "[::]:2375"])
    #expect(state.engine.unit == DockerAPI.UnitState(active: "active", isEnabled: true, mainProcess: 400))
    #expect(state.engine.otherSockets == ["docker-tcp.socket"])
    #expect(state.engine.socketMode == FileMode(bits: 0o660))
    #expect(state.engine.socketOwner == FileOwner(user: "root", group: "docker"))
    #expect(
      state.listeners == [
        DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd", "systemd"], processes: [1, 400]),
        DockerAPI.Listener(address: "[::]", port: 2376, names: [], processes: []),
      ])
    #expect(state.proxy?.loaded?.admitted == ["a": [DockerFixtures.leaf("1")]])
    #expect(
      state.proxy?.unit.dropIns == ["/etc/systemd/system/phoenix-docker-proxy.service.d/a.conf"])
    #expect(
      state.proxy?.process
        == DockerAPI.ProxyProcess(isConfined: true, title: "nginx: master process /usr/sbin/nginx -c x"))
    #expect(
      state.proxy?.unit.isEnabled == true && state.proxy?.refused == "g2" && state.proxy?.clients == ["a"])
  }

  @Test(
    "Nobody hides a socket, or is taken for another, by what he calls his process",
    arguments: [
      (#"users:(("dockerd",pid=400,fd=7),("systemd",pid=1,fd=9))"#, [1, 400]),
      (#"users:(("x",pid=400,fd=",pid=77,fd=3))"#, [77]), (#"users:(("a),("b",pid=77,fd=3))"#, [77]),
      (#"users:(("a"#, []), (#"users:(("",pid=4,fd=1),("",pid=77,fd=3))"#, [4, 77]),
      (#"users:(("x",pid=400,fd=1)",pid=77,fd=3))"#, [77]), ("", []), ("users:()", []),
    ])
  func names(users: String, processes: [Int]) {
    let text = """
      LISTEN 0 5 127.0.0.1:5555 0.0.0.0:* users:(("a
      b",pid=9,fd=3))
      LISTEN 0 5 *:2375 *:* \(users)
      """
    let found = NodeLook.listeners(text)
    #expect(found?.map(\.port) == [2375, 5555])
    #expect(found?.first?.processes == processes)
    #expect(found?.last?.processes == [])
  }

  @Test("Without docker.service and docker.socket")
  func without() throws {
    var fields = Self.fields()
    fields[0] = "LoadState=not-found\nActiveState=inactive\nMainPID=0"
    (fields[1], fields[2], fields[4]) = ("LoadState=not-found", "", "000")
    let engine = try #require(parse(fields)).engine
    #expect(engine.unit.load == "not-found" && engine.running == nil && engine.socketListens == nil)
    #expect(!engine.answers && engine.configured.program.isEmpty)
  }

  @Test("An answer that is short, long, or of something else is none")
  func garbage() {
    let whole = Self.fields()
    #expect(parse(whole) != nil)
    for count in 0..<whole.count { #expect(parse(Array(whole.prefix(count))) == nil, "\(count)") }
    #expect(parse(whole + ["more"]) == nil)
    #expect(parse(["Welcome to Ubuntu!\n" + whole[0]] + whole.dropFirst()) != nil)
    #expect(parse(whole, hasDoor: false) == nil)
    #expect(NodeLook.parse(Array("end".utf8), Self.layout, hasDoor: true, clients: []) == nil)
    for (index, wrong) in [
      (0, "hello"), (2, "!"), (3, "LISTEN"), (3, "hello world a b c"), (5, "x"), (6, "x"),
      (14, "perhaps"), (15, "garbled"), (15, ""),
    ] {
      var fields = whole
      fields[index] = wrong
      #expect(parse(fields) == nil, "\(index): \(wrong)")
    }
  }

  @Test("A proxy that says what ours would not has loaded something else, and the rest is read all the same")
  func another() throws {
    let state = try #require(parse(Self.fields(said: "said xyz")))
    #expect(state.proxy?.unit.isRunning == true && state.proxy?.loaded == nil)
    #expect(state.engine.answers)
  }

  @Test("A proxy that does not say in time what it has loaded hides nothing of dockerd")
  func hanging() throws {
    let state = try #require(parse(Self.fields(said: "hangs")))
    #expect(state.proxy?.hangs == true && state.proxy?.loaded == nil)
    #expect(state.engine.socketListens == ["/run/docker.sock", "[::]:2375"])
  }

  @Test("Bytes at random are no answer and no crash")
  func random() {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var bytes = Array(Self.fields().map { $0 + "\0" }.joined().utf8)
      for _ in 0..<20 {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
      _ = NodeLook.parse(bytes, Self.layout, hasDoor: true, clients: [])
    }
  }

  @Test(
    "systemd's words",
    arguments: [
      ("{ path=/d ; argv[]=/d a  b ; ignore_errors=no ; }", ["/d", "a", "b"]),
      (#"{ path=/d ; argv[]=/d "a b" "" x\"y ; ignore_errors=no ; }"#, ["/d", "a b", "", "x\"y"]),
      ("", nil), ("{ path=/d }", nil), ("ignore_errors= argv[]= path=", nil),
    ] as [(String, [String]?)])
  func words(text: String, words: [String]?) {
    #expect(ExecStart(property: text)?.words == words)
  }

  @Test("What curl says of clients")
  func proofs() throws {
    let proofs = try #require(
      GuestProbe.proofs(Array("AB:CD\0000 200\00052 000\0\00058 000\000127 \0end\0".utf8), count: 2))
    #expect(proofs[0] == CertificateProof(leaf: "abcd", answers: [.answered(200), .closed]))
    #expect(proofs[1].leaf == nil && !proofs[1].isLetIn)
    for text in ["", "end\0", "a\0b\0c\0", "a\0b\0c\0d\0end\0"] {
      #expect(GuestProbe.proofs(Array(text.utf8), count: 1) == nil)
    }
    #expect(DoorProbe.status(Array("HTTP/1.0 403 Forbidden".utf8)) == 403)
    #expect(DoorProbe.status([0x15, 3, 3, 0]) == 0)
  }
}
