import PhoenixCore

/// What ssh needs to speak with guests.
public struct ShellConfiguration: Hashable, Sendable {
  /// The file of the private key: a credential's own file, of which no copy is made.
  public let keyPath: String
  /// The file with the pinned host keys.
  public let knownHostsPath: String
  /// Where the sockets of shared connections live; made when missing. Short: a socket's path has 108 bytes.
  public let controlDirectory: String
  /// How long a connection may take to come up.
  public let connectTimeout: Duration
  /// How long an idle connection is kept.
  public let persist: Duration

  /// Creates a configuration.
  public init(
    keyPath: String, knownHostsPath: String, controlDirectory: String,
    connectTimeout: Duration = .seconds(10), persist: Duration = .seconds(90)
  ) {
    self.keyPath = keyPath
    self.knownHostsPath = knownHostsPath
    self.controlDirectory = controlDirectory
    self.connectTimeout = connectTimeout
    self.persist = persist
  }

  /// The arguments of ssh up to the host: no file of options, no question, no key but ours, no host but pinned.
  func arguments(for target: ShellTarget) -> [String] {
    var options = [
      "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\(Self.quoted(knownHostsPath))",
      "GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", "IdentityFile=\(Self.quoted(keyPath))",
      "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey",
      "ClearAllForwardings=yes", "ForwardAgent=no", "PermitLocalCommand=no", "RequestTTY=no",
      "EscapeChar=none", "LogLevel=ERROR", "ConnectionAttempts=1",
      "ConnectTimeout=\(max(1, connectTimeout.components.seconds))", "ServerAliveInterval=5",
      "ServerAliveCountMax=3",
    ]
    if let alias = target.hostKeyAlias { options.append("HostKeyAlias=\(alias)") }
    if let socket = controlPath(for: target) {
      options += [
        "ControlMaster=auto", "ControlPath=\(Self.quoted(socket))",
        "ControlPersist=\(max(1, persist.components.seconds))",
      ]
    } else {
      options += ["ControlMaster=no", "ControlPath=none"]
    }
    return ["-F", "none", "-T"] + options.flatMap { ["-o", $0] }
      + ["-l", target.user, "-p", String(target.port), "--", target.address]
  }

  /// The socket of a target's shared connection; nil when the directory's name is too long for one.
  ///
  /// ssh makes it under a temporary name that is 17 bytes longer. Another key or pin is another connection.
  func controlPath(for target: ShellTarget) -> String? {
    let identity = [
      target.endpoint, target.hostKeyAlias ?? "", keyPath, knownHostsPath,
    ].joined(separator: "\u{0}")
    let path = "\(controlDirectory)/\(SHA256.hexDigest(of: Array(identity.utf8)).prefix(16))"
    return path.utf8.count + 17 < 108 ? path : nil
  }

  /// A path as ssh's options take it: in double quotes, its percent signs doubled.
  static func quoted(_ path: String) -> String {
    var text = "\""
    for character in path {
      switch character {
      case "%": text += "%%"
      case "\"", "\\": text += "\\\(character)"
      default: text.append(character)
      }
    }
    return text + "\""
  }
}
