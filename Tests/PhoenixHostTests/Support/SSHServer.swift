import Glibc
import PhoenixCore
import PhoenixHost
import Testing

/// A real sshd on a loopback port, with keys of its own, for one test.
final class SSHServer: Sendable {
  /// PHOENIX_SSHD, or the machine's.
  static let program = getenv("PHOENIX_SSHD").map { String(cString: $0) } ?? "/usr/sbin/sshd"

  static var isPossible: Bool {
    guard access(program, X_OK) == 0, Repository.hasTool("ssh"), Repository.hasTool("ssh-keygen") else {
      return false
    }
    // Its unprivileged half needs a user and a directory, which its package makes.
    return geteuid() != 0 || (getpwnam("sshd") != nil && (mkdir("/run/sshd", 0o755) == 0 || errno == EEXIST))
  }

  let directory: TemporaryDirectory
  let port: Int
  private let server: Task<ProcessResult, any Error>

  init() async throws {
    let directory = try TemporaryDirectory()
    for key in ["host", "client", "stranger"] {
      let made = try await Processes.run(
        ProcessCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory.file(key)]))
      try #require(made.status.isSuccess, "\(made.account)")
    }
    let port = try Self.freePort()
    try directory.write(directory.text("client.pub"), to: "authorized_keys")
    try directory.write("guest-101 \(directory.text("host.pub"))", to: "known_hosts")
    try directory.write("guest-101 \(directory.text("stranger.pub"))", to: "wrong_hosts")
    try directory.write("", to: "no_hosts")
    try directory.write(
      """
      ListenAddress 127.0.0.1
      Port \(port)
      HostKey \(directory.file("host"))
      AuthorizedKeysFile \(directory.file("authorized_keys"))
      PidFile none
      UsePAM no
      StrictModes no
      PermitRootLogin yes
      PasswordAuthentication no
      """, to: "sshd_config")
    self.directory = directory
    self.port = port
    let command = ProcessCommand(
      [Self.program, "-D", "-e", "-f", directory.file("sshd_config")], timeout: .seconds(120), grace: .zero)
    server = Task { try await Processes.run(command) }
    guard await eventually({ Self.answers(port) }) else {
      server.cancel()
      throw Failure(.permanent, doing: "start sshd", got: (try? await server.value.account) ?? "nothing")
    }
  }

  deinit { server.cancel() }

  func stop() async {
    server.cancel()
    _ = try? await server.value
  }

  var target: ShellTarget {
    let name = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
    return ShellTarget(address: "127.0.0.1", port: port, user: name, hostKeyAlias: "guest-101")
  }

  func shell(key: String = "client", hosts: String = "known_hosts") -> Shell {
    Shell(
      ShellConfiguration(
        keyPath: directory.file(key), knownHostsPath: directory.file(hosts),
        controlDirectory: directory.file("c"), connectTimeout: .seconds(5), persist: .seconds(20)))
  }

  private static func freePort() throws -> Int {
    let (socket, address) = try withSocket(port: 0) { bind($0, $1, $2) }
    defer { close(socket) }
    var bound = address
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &bound) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
    }
    return Int(in_port_t(bigEndian: bound.sin_port))
  }

  private static func answers(_ port: Int) -> Bool {
    guard let (socket, _) = try? withSocket(port: port, { connect($0, $1, $2) }) else { return false }
    close(socket)
    return true
  }

  private static func withSocket(
    port: Int, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> (Int32, sockaddr_in) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(socket)
      throw Failure(.transient, doing: "use port \(port)", got: "it cannot be used")
    }
    return (socket, address)
  }
}
