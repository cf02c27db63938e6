import PhoenixCore

/// A machine that is spoken to over SSH.
public struct ShellTarget: Hashable, Sendable {
  /// Its address or name.
  public let address: String
  /// Where its sshd listens.
  public let port: Int
  /// Who to be there.
  public let user: String
  /// Whether commands go through `sudo -n`.
  public let sudo: Bool
  /// The name under which its host key is pinned, where that is not the address: an address can change hands.
  public let hostKeyAlias: String?

  /// Creates a target.
  public init(
    address: String, port: Int = 22, user: String = "root", sudo: Bool = false, hostKeyAlias: String? = nil
  ) {
    self.address = address
    self.port = port
    self.user = user
    self.sudo = sudo
    self.hostKeyAlias = hostKeyAlias
  }

  /// What failures and circuits call it: `ssh://root@10.0.0.153`.
  public var endpoint: String { "ssh://\(user)@\(address)" + (port == 22 ? "" : ":\(port)") }

  /// Refuses what ssh could take for an option or for anything but a host and a user.
  func check() throws(Failure) {
    let isHost = Self.isPlain(address, extra: ".:%-_") && !address.hasPrefix("-")
    let isUser = Self.isPlain(user, extra: ".-_") && !user.hasPrefix("-")
    let isAlias = hostKeyAlias.map { Self.isPlain($0, extra: ".-_") } ?? true
    guard isHost, isUser, isAlias, (1...65_535).contains(port) else {
      throw Failure(
        .permanent, doing: "reach a guest over SSH", expected: "an address and a user's name",
        got: "'\(user)' at '\(address)' port \(port)", hint: "mend the guest's address or user in the files")
    }
  }

  private static func isPlain(_ text: String, extra: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: extra.utf8.contains(byte)
        }
      }
  }
}
