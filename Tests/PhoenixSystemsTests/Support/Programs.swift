import Glibc
import PhoenixCore
import PhoenixHost

/// A test's own plumbing did not work.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Programs of this machine, for tests.
enum Programs {
  /// Runs a program and gives its output; throws when its status is not 0.
  @discardableResult
  static func run(_ argv: [String], stdin: String = "") async throws -> String {
    let result = try await Processes.run(ProcessCommand(argv, stdin: Array(stdin.utf8)))
    guard result.status.isSuccess else { throw Trouble("\(argv.joined(separator: " ")): \(result.account)") }
    return result.text
  }

  @discardableResult
  static func openssl(_ arguments: String..., stdin: String = "") async throws -> String {
    try await run(["openssl"] + arguments, stdin: stdin)
  }

  static func exist(_ names: String...) -> Bool {
    names.allSatisfy { name in
      ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains { access("\($0)/\(name)", X_OK) == 0 }
    }
  }
}

/// A program that runs beside a test, and ends with it, or soon after the whole process.
final class Server: Sendable {
  private let task: Task<Void, Never>

  init(_ argv: [String], output: String) {
    // The shell ends the program when this process is gone without a word.
    let script = #"""
      out=$1 parent=$2
      shift 2
      "$@" >> "$out" 2>&1 &
      child=$!
      trap 'kill $child; exit' TERM
      while kill -0 "$parent" 2> /dev/null && kill -0 "$child" 2> /dev/null; do sleep 0.5; done
      kill $child
      """#
    let command = ProcessCommand(
      ["sh", "-c", script, "server", output, String(getpid())] + argv, timeout: .seconds(600),
      grace: .milliseconds(200))
    task = Task { _ = try? await Processes.run(command) }
  }

  deinit { task.cancel() }

  func stop() async {
    task.cancel()
    await task.value
  }

  /// The next port to offer, below those that the kernel gives to whoever connects: one of these could be taken
  /// before its server listens. Test processes side by side begin at different ones.
  private static let next = Lock(first)
  private static let first = 10_000 + stretch() * 1000

  /// Which thousand ports are ours: no other test process on this machine has them while this one lives.
  private static func stretch() -> Int {
    for offset in 0..<20 {
      let stretch = (Int(getpid()) + offset) % 20
      let lock = open("/tmp/phoenix-test-ports-\(stretch)", O_CREAT | O_RDWR | O_CLOEXEC, 0o666)
      if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 { return stretch }
      close(lock)
    }
    return Int(getpid()) % 20
  }

  /// A port that nobody listens on, and that no other test is given.
  static func freePort() throws -> Int {
    for _ in 0..<1000 {
      let port = next.withLock { next in
        next = next < first + 999 ? next + 1 : first
        return next
      }
      if isFree(port) { return port }
    }
    throw Trouble("no free port")
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

/// Whether something becomes true within a generous time.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  for _ in 0..<600 {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(25))
  }
  return false
}
