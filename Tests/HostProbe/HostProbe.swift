import Glibc
import PhoenixCore
import PhoenixHost

/// A process for the tests of PhoenixHost: they kill it, and let it do what one process does only once.
@main
enum HostProbe {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "records": try RecordWriter.run(path: arguments.last ?? "", count: Int.max)
    case "record": try RecordWriter.run(path: arguments.last ?? "", count: 1)
    case "lock": try holdLock(path: arguments.last ?? "")
    case "sockets": try SocketTaker.run()
    case "notify": NotifyListener.run()
    case "descriptors": try await countDescriptors()
    case "journal": try await JournalTalk.run(journald: Int32(arguments.last ?? "") ?? 0)
    case "stderr": await logToStandardError()
    default: exit(64)
    }
  }

  private static func holdLock(path: String) throws {
    guard case .acquired(let lock) = try ProcessLock.acquire(path, purpose: "probe of the tests") else {
      exit(75)
    }
    say("held")
    withExtendedLifetime(lock) { while true { pause() } }
  }

  /// Runs many programs, some of them badly, and tells how many descriptors it had before and has after.
  private static func countDescriptors() async throws {
    _ = try await Processes.run(ProcessCommand(["true"]))
    let before = openDescriptors()
    for _ in 0..<40 {
      _ = try await Processes.run(ProcessCommand(["true"], stdin: [UInt8](repeating: 1, count: 200_000)))
      _ = try await Processes.run(ProcessCommand(["sleep", "60"], timeout: .milliseconds(1)))
      _ = try? await Processes.run(ProcessCommand(["/nonexistent"]))
    }
    // The last descriptors are closed on their own queues, soon after.
    for _ in 0..<200 where openDescriptors() > before { try await Task.sleep(for: .milliseconds(10)) }
    say("\(before) \(openDescriptors())")
  }

  private static func openDescriptors() -> Int {
    (0..<4096).filter { fcntl($0, F_GETFD) >= 0 }.count
  }

  private static func logToStandardError() async {
    let writer = JournalWriter(sink: .automatic(identifier: "host-probe"))
    writer.log(.notice, "two\nlines", id: .ready, fields: [.system: "proxmox"])
    writer.log(.debug, "too quiet to be written")
    _ = await writer.flush()
  }

  static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
  }
}
