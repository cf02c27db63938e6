public import PhoenixCore

extension ShellTarget {
  /// The target of a login.
  public init(_ login: GuestLogin) {
    self.init(address: login.address, user: login.user, sudo: login.usesSudo)
  }
}
