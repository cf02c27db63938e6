/// What the kernel must still know after it was killed. It is on disk before it is acted on.
public struct KernelMemory: Hashable, Sendable, Codable {
  /// A resource that is left alone.
  public struct Suspension: Hashable, Sendable, Codable {
    /// When it ends by itself; nil when it lasts until resumed.
    public let until: WallTime?

    /// Creates a suspension.
    public init(until: WallTime?) { self.until = until }
  }

  /// What went wrong with a resource the last time.
  public struct Trouble: Hashable, Sendable, Codable {
    /// The account of it.
    public let reason: String
    /// Whether trying the same again is pointless.
    public let isPermanent: Bool
    /// Failures in a row.
    public let attempts: Int
    /// When the last one was.
    public let since: WallTime
    /// Not tried again before this has passed.
    public let delay: Duration
    /// The change that failed; a different one is tried at once.
    public let changeDigest: String

    /// Whether it keeps a change from being tried now. A clock that was set back releases it.
    func holds(_ digest: String, at now: WallTime) -> Bool {
      digest == changeDigest && since <= now && now < since + delay
    }
  }

  /// Identities of resources whose loss means lost data, by resource.
  public var identities: [ResourceID: String] = [:]
  /// Resources that have been seen as they should be: what guards count.
  public var seenInSync: Set<ResourceID> = []
  /// Resources that are left alone.
  public var suspensions: [ResourceID: Suspension] = [:]
  /// Whether everything is left alone.
  public var isPaused = false
  /// Words given by operators, by plan.
  public var approvals: [Approval] = []
  /// What went wrong, by resource.
  public var troubles: [ResourceID: Trouble] = [:]
  /// Changes being applied right now, by resource: what may be half done after a crash.
  public var inFlight: [ResourceID: String] = [:]

  /// Creates the memory of a first start.
  public init() {}
}

extension ResourceID: CodingKeyRepresentable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// `system/kind/name`, so that dictionaries by resource are JSON objects.
  public var codingKey: any CodingKey { Key(stringValue: description) }

  /// Reads `system/kind/name`.
  public init?<Other: CodingKey>(codingKey: Other) { self.init(parsing: codingKey.stringValue) }
}
