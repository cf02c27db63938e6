import PhoenixCore

/// What is read again before a write.
extension Proxmox.API {
  /// The guests that the token may see.
  func guests() async throws(Failure) -> [Int: Proxmox.ListedGuest] {
    try await decoded(.guests) { data throws(Proxmox.Unexpected) in try Proxmox.guests(data) }
  }

  /// A guest's configuration, and what of it waits for a restart.
  func configuration(
    of vmid: Int, _ guest: Proxmox.ListedGuest
  ) async throws(Failure) -> Proxmox.GuestConfiguration {
    try await decoded(.pending(vmid, guest)) { data throws(Proxmox.Unexpected) in
      try Proxmox.configuration(pending: data)
    }
  }

  private func decoded<Value>(
    _ request: Request, _ decode: (Node?) throws(Proxmox.Unexpected) -> Value
  ) async throws(Failure) -> Value {
    let data = try await self.data(request)
    do throws(Proxmox.Unexpected) { return try decode(data) } catch {
      throw Failure(.transient, doing: request.doing, expected: error.what, got: "something else")
    }
  }
}
