import Glibc
import PhoenixCore
import PhoenixHost

/// One of our own programs as a child process, with its output in files.
final class Child: Sendable {
  let pid: pid_t
  private let output: String
  private let errors: String
  private let status = Lock<Int32?>(nil)

  /// Where `swift build` put the programs.
  static let programs: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "/" + path.split(separator: "/").dropLast().joined(separator: "/")
  }()

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: `phoenixd` or `phoenix`.
  ///   - arguments: Its arguments.
  ///   - environment: Variables beside PATH.
  ///   - sockets: Listening sockets to pass as systemd does, by name, in this order.
  ///   - directory: Where its output goes.
  ///   - user: The user to run it as; nil for ours.
  ///   - within: A command that runs the program, which is added to its end.
  /// - Throws: When it could not be started.
  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    sockets: [(name: String, descriptor: Int32)] = [], directory: TemporaryDirectory, user: UInt32? = nil,
    within: [String] = []
  ) throws {
    let number = Self.count.withLock { count in
      count += 1
      return count
    }
    output = directory.file("\(program).\(number).out")
    errors = directory.file("\(program).\(number).err")
    var variables = environment
    variables["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin"
    // Under the address sanitizer it judges leaks as the suite does; else it is not there.
    variables["LSAN_OPTIONS"] = getenv("LSAN_OPTIONS").map { String(cString: $0) }
    var line = ["/bin/sh", "-c", "exec \"$@\"", "sh"]
    if !sockets.isEmpty {
      variables["LISTEN_FDS"] = String(sockets.count)
      variables["LISTEN_FDNAMES"] = sockets.map(\.name).joined(separator: ":")
      line[2] = "LISTEN_PID=$$ exec \"$@\""
    }
    if let user { line += ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] }
    pid = try Self.spawn(
      line + within + ["\(Self.programs)/\(program)"] + arguments, variables, output, errors,
      sockets.map(\.descriptor)
    )
  }

  private static let count = Lock(0)

  private static func spawn(
    _ arguments: [String], _ variables: [String: String], _ output: String, _ errors: String,
    _ descriptors: [Int32]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    // High first: what is copied to 3 must not overwrite what is still to be copied.
    for (index, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, 200 + Int32(index))
    }
    for index in descriptors.indices {
      posix_spawn_file_actions_adddup2(&actions, 200 + Int32(index), 3 + Int32(index))
      posix_spawn_file_actions_addclose(&actions, 200 + Int32(index))
    }
    var pid: pid_t = 0
    var argv = arguments.map { strdup($0) } + [nil]
    var environment = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in argv + environment { free(pointer) } }
    let code = posix_spawn(&pid, arguments[0], &actions, nil, &argv, &environment)
    guard code == 0 else { throw SpawnFailure(code: code) }
    return pid
  }

  struct SpawnFailure: Error {
    let code: Int32
  }

  deinit {
    if status.withLock({ $0 }) == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// The status it exited with, or minus the signal that ended it; nil while it runs.
  var ended: Int32? {
    status.withLock { status in
      if let status { return status }
      var raw: Int32 = 0
      guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
      status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
      return status
    }
  }

  /// Waits for its end.
  func end(within limit: Duration = .seconds(30)) async -> Int32? {
    _ = await eventually(within: limit) { ended != nil }
    return ended
  }

  var stdout: String { text(output) }
  var stderr: String { text(errors) }

  private func text(_ path: String) -> String {
    ((try? AtomicFile.read(path, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) }) ?? ""
  }
}
