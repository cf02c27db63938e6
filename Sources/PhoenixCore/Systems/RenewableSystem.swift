/// A system whose resources can be renewed before their time, such as certificates.
public protocol RenewableSystem: ManagedSystem {
  /// Notes the wish, so that the next look finds the resource to be renewed.
  ///
  /// - Parameters:
  ///   - resource: Which one.
  ///   - observed: The last look.
  /// - Throws: When there is nothing to renew, or the wish cannot be kept.
  func requestRenewal(of resource: ResourceID, observed: Observed) async throws(Failure)
}
