/// How Phoenix logs in to a guest over SSH.
public struct GuestLogin: Sendable, Hashable, Codable {
  /// The guest's number.
  public let guest: Int
  /// The guest's host name, for people.
  public let name: String
  /// Its static address; its host key is pinned under it.
  public let address: String
  /// Who to be there.
  public let user: String

  /// Creates a login.
  public init(guest: Int, name: String, address: String, user: String) {
    self.guest = guest
    self.name = name
    self.address = address
    self.user = user
  }

  /// Whether commands go through `sudo -n`.
  public var usesSudo: Bool { user != "root" }

  /// What failures and circuits call it: `ssh://root@10.0.0.153`.
  public var endpoint: String { "ssh://\(user)@\(address)" }

  /// The lane of everything that acts within the guest.
  public var lane: String { "guest/\(guest)" }
}

extension Inventory {
  /// The way into a guest.
  ///
  /// - Parameter guest: Its number.
  /// - Returns: The login; a failure that says in a few words why there is none.
  public func login(to guest: Int) -> Result<GuestLogin, NoLogin> {
    guard let found = self[guest: guest] else { return .failure(NoLogin("guest \(guest) is not declared")) }
    if let channel = settings.shell.overrides[guest], channel != .ssh {
      return .failure(NoLogin("guest \(guest) is reached by \(channel.rawValue), which carries no files yet"))
    }
    guard let address = found.address else {
      return .failure(NoLogin("\(found.name) (\(guest)) has no static address"))
    }
    let user = found.loginUser ?? settings.shell.containerUser
    return .success(GuestLogin(guest: guest, name: found.name, address: address, user: user))
  }
}

/// Why a guest cannot be logged in to.
public struct NoLogin: Error, Hashable, Sendable, CustomStringConvertible {
  /// In a few words.
  public let description: String

  init(_ text: String) { description = text }
}
