extension ConfigurationCheck {
  /// That anything is declared at all: an empty desired state is a mistake, never an order to take all away.
  func declarations() -> [Finding] {
    guard inventory.guests.isEmpty, inventory.stacks.isEmpty, inventory.certificates.isEmpty,
      nodes.unreadable.isEmpty
    else { return [] }
    return [
      Finding(
        .error, "neither guests nor stacks nor certificates are declared",
        hint: "is this the right directory? etc/phoenix of the sources is an example")
    ]
  }
}
