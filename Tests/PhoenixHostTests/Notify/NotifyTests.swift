import PhoenixCore
import PhoenixHost
import Testing

@Suite struct NotifyTests {
  @Test func theServiceManagerHearsEverythingInItsForm() async throws {
    let lines = try await Probe.run(["notify"]).text.split(separator: "\n").map(String.init)
    #expect(lines.count == 8, "\(lines)")
    #expect(lines.first == "READY=1")
    #expect(lines.contains("STATUS=12 resources are in sync"))
    let time = lines.first { $0.hasPrefix("MONOTONIC_USEC=") }?.split(separator: "=").last
    #expect(time.flatMap { Int64($0) } ?? 0 > 1_000_000)
    #expect(lines.suffix(3) == ["WATCHDOG=1", "STOPPING=1", "STATUS=bye"])
  }

  @Test func socketsAreTakenByNameAndKeptFromChildren() async throws {
    let result = try await Probe.run(["sockets"])
    #expect(result.text == "admin 4 cloexec\nstatus 3 cloexec\nunset\n", "\(result.account)")
  }

  @Test func withoutAnAnnouncementThereAreNoSockets() throws {
    #expect(try ListenDescriptors.take().names == [])
  }
}
