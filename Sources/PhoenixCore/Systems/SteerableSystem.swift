/// What an operator may want of a resource beyond what the files say.
public enum Wish: String, Sendable, Hashable, Codable, CaseIterable {
  /// A certificate, before its time.
  case renew
  /// A guest that is there and runs, again.
  case start
  /// A guest that does not run until `start`.
  case stop
  /// A guest that starts anew once.
  case restart
  /// A guest that is not there until `start`.
  case delete
  /// A guest that was to be deleted, as it was.
  case keep
}

/// A system that takes wishes, such as for a certificate to be renewed.
public protocol SteerableSystem: ManagedSystem {
  /// Keeps the wish, so that the next look finds that something is to be done.
  ///
  /// - Parameters:
  ///   - wish: What is wanted.
  ///   - resource: Of which one.
  ///   - observed: The last look.
  /// - Throws: When that is nothing for the resource, or the wish cannot be kept.
  func request(_ wish: Wish, for resource: ResourceID, observed: Observed) async throws(Failure)
}
