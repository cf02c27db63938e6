import PhoenixCore
import PhoenixEngine

extension GlobalOptions {
  /// Has wishes kept, which the run that follows carries out.
  ///
  /// - Parameters:
  ///   - wish: What is wanted.
  ///   - resources: Of which ones.
  ///   - purpose: The verb.
  /// - Throws: A `CommandError` when one is refused, or nobody answers.
  func keep(_ wish: Wish, for resources: [String], _ purpose: String) async throws {
    try await withChannel(purpose) { channel in
      try await channel.lookFirst(self)
      for resource in resources {
        let _: [String: String] = try await channel.ask(
          .order("/v1/wish", WishOrder(resource: resource, wish: wish)))
      }
    }
  }

  /// How everything stands.
  func status(_ purpose: String) async throws -> StatusReport {
    try await withChannel(purpose) { channel in
      try await channel.lookFirst(self)
      return try await channel.ask(.question("/v1/status"))
    }
  }
}

extension StatusReport {
  /// The configuration of a guest, be it a container or a machine; nil for one that nobody declares.
  func guest(_ name: String) -> ResourceReport? {
    resources.first { ["container", "vm"].contains($0.resource.kind) && $0.resource.name == name }
  }
}
