import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost

/// Where a command without the daemon stands: who it is, and where it finds secrets.
///
/// Run by root it becomes the daemon's own user first, so that no state is left that the daemon may not write. That
/// user may not read the operator's credentials; so root hands him copies in memory, as systemd hands them to the
/// daemon.
struct StandaloneGround: Sendable {
  /// The operator's secrets, or the copies.
  let credentials: Credentials
  /// Where the sockets of shared connections live.
  let runtimeDirectory: String
  private let copies: [String]

  private static let user = "phoenix"
  /// In memory, and root's: the directories in it are the user's.
  private static let base = "/run/phoenix-standalone"

  /// Root is given up once and for all, so every channel of a command stands on the same ground.
  private static let taken = Lock<StandaloneGround?>(nil)

  /// Becomes the daemon's user, when this is root; all but the first call find it done.
  ///
  /// - Parameter options: Where everything is.
  /// - Returns: The ground of this command.
  /// - Throws: When that fails; nothing is done as root then.
  static func take(_ options: GlobalOptions) throws(CommandError) -> StandaloneGround {
    if let ground = taken.withLock({ $0 }) { return ground }
    let ground = try StandaloneGround(options)
    taken.withLock { $0 = ground }
    return ground
  }

  /// Removes the copies, when the command ends. The empty directory is root's to remove, at the next command.
  static func leave() {
    for copy in taken.withLock({ $0 })?.copies ?? [] { unlink(copy) }
  }

  private init(_ options: GlobalOptions) throws(CommandError) {
    guard geteuid() == 0, let account = Self.account() else {
      if geteuid() == 0 {
        Terminal.tell("phoenix: there is no user \(Self.user) to become, so this runs as root\n")
      }
      self.init(.standard(chosen: options.credentials), runtimeDirectory: options.state)
      return
    }
    let source =
      options.credentials ?? Self.environment("CREDENTIALS_DIRECTORY") ?? "/etc/phoenix/credentials"
    let directory = "\(Self.base)/\(getpid())"
    var copies: [String] = []
    do throws(CommandError) {
      try Self.makeState(options.state, account)
      try Self.makeBase()
      try Self.check(mkdir(directory, 0o700) == 0, "make \(directory)")
      copies = try Self.copy(source, to: directory, account)
      try Self.check(chown(directory, account.user, account.group) == 0, "hand over \(directory)")
      try Self.become(account)
    } catch {
      for copy in copies { unlink(copy) }
      throw error
    }
    self.init(Credentials(directory: directory), runtimeDirectory: directory, copies: copies)
  }

  private init(_ credentials: Credentials, runtimeDirectory: String, copies: [String] = []) {
    self.credentials = credentials
    self.runtimeDirectory = runtimeDirectory
    self.copies = copies
  }

  private struct Account {
    let user: uid_t
    let group: gid_t
  }

  private static func account() -> Account? {
    guard let entry = getpwnam(user) else { return nil }
    return Account(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
  }

  private static func makeState(_ directory: String, _ account: Account) throws(CommandError) {
    guard mkdir(directory, 0o700) == 0 else { return try check(errno == EEXIST, "make \(directory)") }
    try check(chown(directory, account.user, account.group) == 0, "hand over \(directory)")
  }

  /// Makes the directory of all copies, and removes what commands that are no more have left in it.
  private static func makeBase() throws(CommandError) {
    if mkdir(base, 0o711) != 0 { try check(errno == EEXIST, "make \(base)") }
    let descriptor = open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    try check(descriptor >= 0, "open \(base)")
    defer { close(descriptor) }
    for name in names(in: descriptor) {
      if let pid = pid_t(name), kill(pid, 0) == 0 || errno != ESRCH { continue }
      remove(name, in: descriptor)
    }
  }

  /// Copies every private file of a directory. Whose copy is the daemon user's cannot be checked any more: what is
  /// a link, or open to others, is not copied.
  private static func copy(
    _ source: String, to directory: String, _ account: Account
  ) throws(CommandError) -> [String] {
    let descriptor = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Without credentials the systems that need one cannot be read, and say so.
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var copies: [String] = []
    for name in names(in: descriptor) {
      let path = "\(directory)/\(name)"
      do throws(FileError) {
        let bytes = try Credentials.private("\(source)/\(name)", of: account.user)
        try AtomicFile.write(bytes, to: path, mode: 0o400)
      } catch {
        let reason = error.failure(doing: "read the credential \(name)").description
        Terminal.tell("phoenix: \(reason), so it is not used\n")
        continue
      }
      copies.append(path)
      try check(chown(path, account.user, account.group) == 0, "hand over \(path)")
    }
    return copies
  }

  private static func become(_ account: Account) throws(CommandError) {
    try check(initgroups(user, account.group) == 0, "take the groups of \(user)")
    try check(setgid(account.group) == 0, "take the group of \(user)")
    try check(setuid(account.user) == 0, "become \(user)")
    umask(0o077)
  }

  private static func check(_ isDone: Bool, _ doing: String) throws(CommandError) {
    guard !isDone else { return }
    let code = errno
    throw CommandError(
      Failure(.permanent, doing: doing, got: String(cString: strerror(code))),
      status: code == EACCES || code == EPERM ? ExitStatus.permission : ExitStatus.failed)
  }

  private static func names(in descriptor: Int32) -> [String] {
    guard let directory = fdopendir(dup(descriptor)) else { return [] }
    defer { closedir(directory) }
    rewinddir(directory)
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a file, or a directory with all that is in it; symbolic links are not followed.
  private static func remove(_ name: String, in parent: Int32) {
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      unlinkat(parent, name, 0)
      return
    }
    for child in names(in: descriptor) { remove(child, in: descriptor) }
    close(descriptor)
    unlinkat(parent, name, AT_REMOVEDIR)
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
