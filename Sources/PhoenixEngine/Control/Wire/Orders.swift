public import PhoenixCore

/// What `POST /v1/plan` takes.
public struct PlanOrder: Hashable, Sendable, Codable {
  /// What it is about; nil or none for everything.
  public var targets: [String]?
  /// Risks beyond safe that an apply of it would be allowed.
  public var allow: [Risk]?

  /// Creates an order.
  public init(targets: [String]? = nil, allow: [Risk]? = nil) {
    self.targets = targets
    self.allow = allow
  }
}

/// What `POST /v1/apply` takes.
public struct ApplyOrder: Hashable, Sendable, Codable {
  /// What it is about; nil or none for everything.
  public var targets: [String]?
  /// The digest of the only plan that may be carried out; nil for whatever the plan is now.
  public var digest: String?
  /// The operator's word for risks beyond safe.
  public var allow: [Risk]?
  /// Whether to plan only.
  public var isDryRun: Bool?

  enum CodingKeys: String, CodingKey {
    case targets, digest, allow
    case isDryRun = "dry_run"
  }

  /// Creates an order.
  public init(
    targets: [String]? = nil, digest: String? = nil, allow: [Risk]? = nil, isDryRun: Bool? = nil
  ) {
    self.targets = targets
    self.digest = digest
    self.allow = allow
    self.isDryRun = isDryRun
  }
}

/// What `POST /v1/reconcile` takes.
public struct ReconcileOrder: Hashable, Sendable, Codable {
  /// Whether to answer only when it is done.
  public var wait: Bool?
  /// The operator's word for risks beyond safe; with one it is the operator's run, and not the daemon's own.
  public var allow: [Risk]?

  /// Creates an order.
  public init(wait: Bool? = nil, allow: [Risk]? = nil) {
    self.wait = wait
    self.allow = allow
  }
}

/// What `POST /v1/reload` takes.
public struct ReloadOrder: Hashable, Sendable, Codable {
  /// Whether to answer only when it is done.
  public var wait: Bool?
  /// Whether to read and check the files only.
  public var isDryRun: Bool?

  enum CodingKeys: String, CodingKey {
    case wait
    case isDryRun = "dry_run"
  }

  /// Creates an order.
  public init(wait: Bool? = nil, isDryRun: Bool? = nil) {
    self.wait = wait
    self.isDryRun = isDryRun
  }
}

/// What `POST /v1/resume` takes.
public struct ResourceOrder: Hashable, Sendable, Codable {
  /// `system/kind/name`; for resume also `all`.
  public var resource: String

  /// Creates an order.
  public init(resource: String) { self.resource = resource }
}

/// What `POST /v1/wish` takes.
public struct WishOrder: Hashable, Sendable, Codable {
  /// `system/kind/name`.
  public var resource: String
  /// What is wanted of it.
  public var wish: Wish

  /// Creates an order.
  public init(resource: String, wish: Wish) {
    self.resource = resource
    self.wish = wish
  }
}

/// What `POST /v1/resume` answers.
public struct ResumeAnswer: Hashable, Sendable, Codable {
  /// What is kept again.
  public var resource: String
  /// Whether it is left alone all the same, since everything is.
  public var isPaused: Bool

  enum CodingKeys: String, CodingKey {
    case resource
    case isPaused = "paused"
  }
}

/// What `POST /v1/suspend` takes.
public struct SuspendOrder: Hashable, Sendable, Codable {
  /// `system/kind/name`.
  public var resource: String
  /// For how many seconds; nil until resumed.
  public var seconds: Int64?

  enum CodingKeys: String, CodingKey {
    case resource
    case seconds = "for_s"
  }

  /// Creates an order.
  public init(resource: String, seconds: Int64? = nil) {
    self.resource = resource
    self.seconds = seconds
  }
}

/// What `POST /v1/cancel` takes.
public struct CancelOrder: Hashable, Sendable, Codable {
  /// The run; nil for the one that is under way.
  public var run: RunID?

  /// Creates an order.
  public init(run: RunID? = nil) { self.run = run }
}
