import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(2)))
struct DaemonTests {
  @Test func itAnswersWithEverythingElseDownAndStopsWhenTold() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    #expect(
      await eventually {
        (try? await bench.get("/readyz", at: bench.statusSocket).text) == "proxmox cannot be read\n"
      })
    #expect(try await bench.get("/healthz", at: bench.statusSocket).status == 200)
    #expect(try await bench.get("/v1/status", at: bench.statusSocket).status == 403)
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    #expect(daemon.stderr.contains("phoenixd has stopped"))
    await bench.close()
  }

  @Test func theServiceManagerIsToldEverything() async throws {
    let bench = DaemonBench()
    let path = bench.directory.file("notify")
    let socket = UnixSocket.datagrams(at: path)
    let told = Lock<[String]>([])
    let hear: @Sendable () -> [String] = {
      told.withLock { told in
        while let text = UnixSocket.datagram(socket) { told.append(text) }
        return told
      }
    }
    let daemon = try await bench.runningDaemon(
      environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"])
    #expect(await eventually { hear().contains { $0.hasPrefix("READY=1\nSTATUS=Looking at 3 resources") } })
    #expect(
      await eventually {
        hear().contains { $0.hasPrefix("STATUS=") && $0.contains("proxmox cannot be read") }
      })
    #expect(await eventually { hear().contains("WATCHDOG=1") })

    let before = hear().count
    daemon.signal(SIGHUP)
    #expect(await eventually { hear().dropFirst(before).contains { $0.hasPrefix("READY=1") } })
    #expect(hear().dropFirst(before).contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    #expect(hear().contains { $0.hasPrefix("STOPPING=1") })
    close(socket)
    await bench.close()
  }

  @Test func anEngineThatHangsIsNotFed() async throws {
    let bench = DaemonBench()
    let path = bench.directory.file("notify")
    let socket = UnixSocket.datagrams(at: path)
    // Heard from the beginning, since the engine hangs as soon as it has something to write.
    let pings = Lock([ContinuousClock.now])
    let listener = Task {
      while !Task.isCancelled {
        while let text = UnixSocket.datagram(socket) {
          if text == "WATCHDOG=1" { pings.withLock { $0.append(.now) } }
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    let daemon = try await bench.runningDaemon(
      environment: [
        "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000",
        // The engine writes its memory on its own thread, and is held there for 5 s.
        "PHOENIX_FAILPOINT": "action.recorded:slow",
      ])
    let suspend = try Child(
      "phoenix", ["suspend", "proxmox/firewall/1001", "--socket", bench.adminSocket],
      directory: bench.directory)
    #expect(await suspend.end() == 0)
    // It is fed again, and was not for as long as it hung.
    let heard = pings.withLock(\.count)
    #expect(await eventually { pings.withLock(\.count) > heard })
    let gaps = pings.withLock { pings in zip(pings, pings.dropFirst()).map { $1 - $0 } }
    #expect(gaps.contains { $0 > .seconds(4) }, "\(gaps)")
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    listener.cancel()
    await listener.value
    close(socket)
    await bench.close()
  }

  @Test func badFirstFilesAreToldToThoseWhoWaitAndEndIt() async throws {
    let bench = DaemonBench()
    bench.write("phoenix_vm_configs.json", #"{"vms": [{"vmid": "many"}]}"#)
    let sockets = [
      (name: "admin", descriptor: UnixSocket.listening(at: bench.adminSocket)),
      (name: "status", descriptor: UnixSocket.listening(at: bench.statusSocket)),
    ]
    // They wait before there is a daemon, as with socket activation.
    async let admin = bench.get("/v1/status")
    async let status = bench.get("/readyz", at: bench.statusSocket)
    let daemon = try bench.daemon(sockets: sockets)
    #expect(await daemon.end() == 78)
    for socket in sockets { close(socket.descriptor) }

    let answer = try await admin
    #expect(answer.status == 503)
    let report = try #require(WireJSON.decode(ErrorReport.self, from: answer.body))
    #expect(report.findings?.contains { $0.file == "phoenix_vm_configs.json" && $0.line == 1 } == true)
    let forAll = try await status
    #expect(forAll.status == 503)
    #expect(!forAll.text.contains("phoenix_vm_configs.json"))
    #expect(daemon.stderr.contains("phoenix_vm_configs.json:1:"))
    await bench.close()
  }

  @Test func aNudgeWithBadFilesLooksAtEverythingToo() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    func passes() async -> Int {
      let text = (try? await bench.get("/metrics", at: bench.statusSocket).text) ?? ""
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("phoenix_passes_total{") }
      return lines.reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Int($0) } ?? 0) }
    }
    #expect(await eventually { await passes() > 0 })
    bench.write("phoenix_vm_configs.json", "{")
    // By itself it looks less often at what does not answer, so the later ones would come too late.
    for _ in 1...6 {
      let before = await passes()
      daemon.signal(SIGHUP)
      #expect(await eventually { await passes() > before })
    }
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    #expect(daemon.stderr.contains("the old ones stay in force"))
    await bench.close()
  }

  @Test(arguments: [Int64.max, .min]) func noNumberInAQuestionEndsIt(seconds: Int64) async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    _ = try await bench.get("/v1/history?since=\(seconds)")
    #expect(try await bench.get("/healthz").status == 200)
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    await bench.close()
  }

  @Test func passedSocketsAreServedByTheirNames() async throws {
    let bench = DaemonBench()
    let sockets = [
      (name: "status", descriptor: UnixSocket.listening(at: bench.statusSocket)),
      (name: "admin", descriptor: UnixSocket.listening(at: bench.adminSocket)),
    ]
    async let admin = bench.get("/v1/status")
    async let status = bench.get("/v1/status", at: bench.statusSocket)
    let daemon = try bench.daemon(sockets: sockets)
    #expect(try await admin.status == 200)
    #expect(try await status.status == 403)
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    for socket in sockets { close(socket.descriptor) }
    await bench.close()
  }

  @Test func hangUpTakesGoodFilesAndRefusesBadOnes() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    #expect(try await bench.firewalls() == ["1001"])

    bench.write("phoenix_vm_configs.json", #"{"vms": ["#)
    daemon.signal(SIGHUP)
    #expect(await eventually { daemon.stderr.contains("Not reloaded") })
    #expect(daemon.stderr.contains("phoenix_vm_configs.json:1:"))
    #expect(try await bench.firewalls() == ["1001"])
    for verb in ["status", "plan"] {
      let told = try await bench.phoenix(verb).stdout
      #expect(told.contains("are refused (1 error"), "\(verb): \(told)")
    }

    bench.declare(firewallOf: [1001, 1002])
    daemon.signal(SIGHUP)
    #expect(
      await eventually {
        (try? await bench.firewalls()) == ["1001", "1002"]
      })
    #expect(try await !bench.phoenix("status").stdout.contains("refused"))
    #expect(daemon.ended == nil)
    await bench.close()
  }

  @Test func itEndsWhenToldWhileItReadsTheFiles() async throws {
    let bench = DaemonBench()
    // The second reading is that of the hang-up, and takes 5 s.
    let daemon = try await bench.runningDaemon(
      environment: ["PHOENIX_FAILPOINT": "configuration.read:slow:2"])
    daemon.signal(SIGHUP)
    try await Task.sleep(for: .milliseconds(300))
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: .seconds(3)) == 0, "\(daemon.stderr)")
    #expect(!daemon.stderr.contains("read again"))
    await bench.close()
  }

  @Test func hangUpsWhileItReadsTheFilesAreOneMoreReading() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon(
      environment: ["PHOENIX_FAILPOINT": "configuration.read:slow:2"])
    func readings() -> Int { daemon.stderr.split(separator: "\n").count { $0.contains("read again") } }
    for _ in 1...5 {
      daemon.signal(SIGHUP)
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect(await eventually { readings() == 2 })
    try await Task.sleep(for: .milliseconds(500))
    #expect(readings() == 2)
    daemon.signal(SIGTERM)
    #expect(await daemon.end() == 0)
    await bench.close()
  }

  @Test func whatWasToldIsKeptOverAKill() async throws {
    let bench = DaemonBench()
    let first = try await bench.runningDaemon()
    #expect(try await bench.phoenix("suspend", "proxmox/firewall/1001", "--for", "2h").ended == 0)
    first.signal(SIGKILL)
    #expect(await first.end() == -SIGKILL)

    let second = try await bench.runningDaemon()
    #expect(
      await eventually { (try? await bench.status()?.resources.contains { $0.state == "suspended" }) == true }
    )
    second.signal(SIGTERM)
    #expect(await second.end() == 0)
    await bench.close()
  }

  @Test func oneWriterAtATime() async throws {
    let bench = DaemonBench()
    let daemon = try await bench.runningDaemon()
    let other = try bench.daemon()
    #expect(await other.end() == 75)
    #expect(other.stderr.contains("phoenixd (process \(daemon.pid))"))

    let alone = try await bench.phoenix("plan", "--standalone")
    #expect(alone.ended == 75)
    #expect(alone.stderr.contains("phoenixd has it (process \(daemon.pid))"))
    await bench.close()
  }
}
