import CLinux
import Glibc
import PhoenixCore

/// A child process that was just started, with our ends of its pipes, non-blocking and close-on-exec.
struct SpawnedChild {
  let pid: pid_t
  /// Becomes readable when the child ends.
  let pidfd: Int32
  let stdin: Int32
  let stdout: Int32
  let stderr: Int32
}

/// Starts processes with posix_spawn(3).
///
/// The child leads a process group of its own, has an empty signal mask and default handlers, no descriptors
/// beside its three, and a small environment.
enum Spawn {
  /// Where programs without a slash are looked up, and the child's PATH.
  static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// Writing to a child that has gone must be an error, not the end of the daemon.
  private static let ignoresSIGPIPE: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  static func start(_ command: ProcessCommand) throws(Failure) -> SpawnedChild {
    _ = ignoresSIGPIPE
    let doing = "run \(command.argv.first ?? "a program")"
    guard let name = command.argv.first, !name.isEmpty else {
      throw Failure(.permanent, doing: doing, got: "no program is named")
    }
    guard !(command.argv + command.environment.values).contains(where: { $0.utf8.contains(0) }) else {
      throw Failure(.permanent, doing: doing, got: "an argument holds a NUL")
    }
    guard let program = find(name) else {
      throw Failure(
        .permanent, doing: doing, got: "\(name) is not there or not executable",
        hint: "install it; searched: \(path)")
    }
    let input = try Pipe(doing: doing)
    let output = try Pipe(doing: doing)
    let errors = try Pipe(doing: doing)
    var pid: pid_t = 0
    let code = spawn(
      program, command, descriptors: [input.readEnd, output.writeEnd, errors.writeEnd], pid: &pid)
    guard code == 0 else {
      throw Failure(
        code == EAGAIN || code == ENOMEM ? .transient : .permanent, doing: doing, got: ErrorText.of(code))
    }
    let pidfd = phoenix_pidfd_open(pid)
    guard pidfd >= 0 else {
      let reason = ErrorText.of(errno)
      kill(-pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
      throw Failure(.transient, doing: doing, got: "pidfd_open: \(reason)")
    }
    return SpawnedChild(
      pid: pid, pidfd: pidfd, stdin: input.takeWriteEnd(), stdout: output.takeReadEnd(),
      stderr: errors.takeReadEnd())
  }

  private static func find(_ name: String) -> String? {
    if name.utf8.contains(0x2F) { return access(name, X_OK) == 0 ? name : nil }
    return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private static func spawn(
    _ program: String, _ command: ProcessCommand, descriptors: [Int32], pid: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (target, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }
    _ = phoenix_spawn_close_from(&actions, 3)
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    return withStrings(command.argv) { argv in
      withStrings(environment(command)) { environment in
        posix_spawn(&pid, program, &actions, &attributes, argv, environment)
      }
    }
  }

  private static func environment(_ command: ProcessCommand) -> [String] {
    let home = getenv("HOME").map { String(cString: $0) } ?? "/"
    let base = ["PATH": path, "LANG": "C.UTF-8", "HOME": home]
    return base.merging(command.environment) { _, own in own }.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// Lends the strings as a C array that ends with a null.
  private static func withStrings<Result>(
    _ strings: [String], _ use: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return withExtendedLifetime(copies) {
      copies.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else {
          preconditionFailure("an array with an element has an address")
        }
        return use(base)
      }
    }
  }
}

/// A pipe whose ends are closed when it goes out of scope, unless they were taken.
private struct Pipe: ~Copyable {
  let readEnd: Int32
  let writeEnd: Int32

  init(doing: String) throws(Failure) {
    var ends: [Int32] = [-1, -1]
    let made = phoenix_pipe_cloexec(&ends)
    let code = errno
    readEnd = Self.above2(ends[0])
    writeEnd = Self.above2(ends[1])
    guard made == 0, readEnd >= 0, writeEnd >= 0 else {
      throw Failure(.transient, doing: doing, got: "pipe: \(ErrorText.of(code))")
    }
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  consuming func takeReadEnd() -> Int32 {
    let end = readEnd
    close(writeEnd)
    discard self
    return Self.nonBlocking(end)
  }

  consuming func takeWriteEnd() -> Int32 {
    let end = writeEnd
    close(readEnd)
    discard self
    return Self.nonBlocking(end)
  }

  /// An end below 3 (a daemon started without stdin) would be overwritten while the child sorts its own out.
  private static func above2(_ descriptor: Int32) -> Int32 {
    guard (0...2).contains(descriptor) else { return descriptor }
    defer { close(descriptor) }
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
  }

  private static func nonBlocking(_ descriptor: Int32) -> Int32 {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return descriptor
  }
}
