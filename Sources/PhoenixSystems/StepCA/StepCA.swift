public import PhoenixHost
public import PhoenixNetwork

/// Step-CA: whether the certificate authority is there, is the one that was pinned, and knows the provisioner.
/// It is only looked at; who wants certificates asks it by himself.
public struct StepCA: Sendable {
  let client: HTTPClient
  let clock: HostClock
  let requestTimeout: Duration
  let roots: PinnedRoots

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks with.
  ///   - clock: The clocks that the authority's are compared with.
  ///   - requestTimeout: How long one answer is waited for.
  public init(client: HTTPClient, clock: HostClock = .system, requestTimeout: Duration = .seconds(10)) {
    self.init(client: client, clock: clock, requestTimeout: requestTimeout, roots: PinnedRoots())
  }

  init(client: HTTPClient, clock: HostClock, requestTimeout: Duration, roots: PinnedRoots) {
    self.client = client
    self.clock = clock
    self.requestTimeout = requestTimeout
    self.roots = roots
  }
}
