import Glibc
public import PhoenixCore

/// The secrets that the operator hands to Phoenix, one file each.
///
/// The service manager's directory ($CREDENTIALS_DIRECTORY) goes first; without one it is a plain directory,
/// whose files must be private.
public struct Credentials: Sendable, Hashable {
  /// The most bytes a credential may have.
  public static let limit = 65_536

  private let directory: String
  /// Whether the service manager made the directory: it answers for owner and permissions then.
  private let fromServiceManager: Bool

  /// The credentials of a plain directory, such as /etc/phoenix/credentials.
  public init(directory: String) {
    self.directory = directory
    fromServiceManager = false
  }

  /// The credentials of a directory that the service manager made, where `LoadCredential=phoenix:DIR` gives a
  /// file NAME the name `phoenix_NAME`.
  public init(serviceManagerDirectory: String) {
    directory = serviceManagerDirectory
    fromServiceManager = true
  }

  /// What the operator named, else the service manager's, else /etc/phoenix/credentials.
  ///
  /// - Parameter chosen: `--credentials DIR`.
  /// - Returns: The credentials; nothing is read yet.
  public static func standard(chosen: String? = nil) -> Credentials {
    if let chosen { return Credentials(directory: chosen) }
    if let given = getenv("CREDENTIALS_DIRECTORY") {
      return Credentials(serviceManagerDirectory: String(cString: given))
    }
    return Credentials(directory: "/etc/phoenix/credentials")
  }

  /// Reads a credential; one line end at its end is not part of it.
  ///
  /// - Parameter name: Its name, such as `proxmox-token`.
  /// - Returns: The secret.
  /// - Throws: A permanent failure that says what to do, when it is missing, empty, too long, no UTF-8, a
  ///   symbolic link, or open to others.
  public func secret(_ name: String) throws(Failure) -> Secret {
    let (path, bytes) = try readChecked(name)
    var text = bytes[...]
    if text.last == 0x0A { text.removeLast() }
    if text.last == 0x0D { text.removeLast() }
    guard !text.isEmpty else {
      throw failure(name, got: "\(path) is empty", hint: Self.writing(name))
    }
    guard let decoded = String(validating: text, as: UTF8.self) else {
      throw failure(name, got: "\(path) is not UTF-8", hint: Self.writing(name, again: true))
    }
    return Secret(decoded)
  }

  /// The file of a credential, checked as `secret` checks it, for a program that reads it itself (`ssh -i`).
  ///
  /// - Parameter name: Its name, such as `ssh-key`.
  /// - Returns: An absolute path.
  /// - Throws: As `secret` does.
  public func path(_ name: String) throws(Failure) -> String {
    try readChecked(name).path
  }

  private func readChecked(_ name: String) throws(Failure) -> (path: String, bytes: [UInt8]) {
    guard Self.isName(name) else {
      throw failure(
        name, got: "a name may hold letters, digits, '-', '_' and '.', and begins with none of these",
        hint: "mend the name in phoenixd.json")
    }
    var missing: [String] = []
    for path in candidates(name) {
      do throws(FileError) {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        if fromServiceManager {
          try file.regularStatus()
        } else {
          try Self.check(file, owners: [0, geteuid()])
        }
        return (path, try file.read(limit: Self.limit))
      } catch {
        guard case .missing = error else { throw self.failure(name, path: path, error) }
        missing.append(path)
      }
    }
    throw failure(
      name, got: "\(missing.joined(separator: " and ")) does not exist",
      hint: Self.writing(name) + (fromServiceManager ? " (the unit reads credentials at its start)" : ""))
  }

  /// Reads a private file as root, for a user who is to have it.
  ///
  /// - Parameters:
  ///   - path: The file; a symbolic link is not followed.
  ///   - user: Who may own it besides root.
  /// - Returns: What it holds.
  /// - Throws: `.unsuitable` for what is no regular file, belongs to somebody else, or is open to others.
  public static func `private`(_ path: String, of user: UInt32) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try check(file, owners: [0, user])
    return try file.read(limit: limit)
  }

  private func candidates(_ name: String) -> [String] {
    fromServiceManager ? ["\(directory)/phoenix_\(name)", "\(directory)/\(name)"] : ["\(directory)/\(name)"]
  }

  private static func check(_ file: borrowing OpenFile, owners: Set<uid_t>) throws(FileError) {
    let status = try file.regularStatus()
    let path = file.path
    guard owners.contains(status.st_uid) else {
      throw .unsuitable(path: path, reason: "belongs to user \(status.st_uid)")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw .unsuitable(
        path: path, reason: "is open to others (mode \(String(status.st_mode & 0o777, radix: 8)))")
    }
  }

  private func failure(_ name: String, path: String, _ error: FileError) -> Failure {
    switch error {
    case .tooLarge:
      failure(
        name, got: "\(path) is longer than \(Self.limit) bytes", hint: "put only the secret itself into it")
    case .unsuitable(_, let reason):
      failure(
        name, got: "\(path) \(reason)",
        hint: "make it a private file of your own: chown and chmod 0600")
    case .system(_, _, ELOOP):
      failure(name, got: "\(path) is a symbolic link", hint: "put the file itself there")
    case .system(_, _, EACCES):
      failure(
        name, got: "\(path) may not be read by user \(geteuid())",
        hint: "run as root, or hand it to the unit: " + Self.writing(name))
    case .missing, .full, .system:
      failure(name, got: error.failure(doing: "").got, hint: Self.writing(name, again: true))
    }
  }

  private func failure(_ name: String, got: String, hint: String) -> Failure {
    Failure(.permanent, doing: "read the credential '\(name)'", got: got, hint: hint)
  }

  /// What to do about most flaws.
  private static func writing(_ name: String, again: Bool = false) -> String {
    "write it \(again ? "again " : "")to /etc/phoenix/credentials/\(name), for root alone"
  }

  /// A name that cannot lead out of the directory.
  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != 0x2E, first != 0x2D, name.utf8.count <= 200 else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
  }
}
