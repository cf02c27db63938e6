/// How much harm a change can do by itself.
public enum Risk: String, Codable, Sendable, Hashable, CaseIterable, Comparable {
  /// Nobody notices.
  case safe
  /// A restart or dropped connections.
  case disruptive
  /// Data or an identity is lost.
  case destructive

  /// By harm.
  public static func < (left: Risk, right: Risk) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .safe: 0
    case .disruptive: 1
    case .destructive: 2
    }
  }
}

/// One side of a field in a plan.
public enum FieldValue: Hashable, Sendable, Codable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([String])
  /// Shown as `(sensitive)`; the tag is a keyed digest, so that plans can tell two secrets apart.
  case sensitive(tag: String)
  /// Shown as `(known after apply)`: a fact that another action will publish.
  case knownAfterApply
}

/// One field that differs.
public struct FieldChange: Hashable, Sendable, Codable {
  /// The field, named as the users' files name it.
  public let field: String
  /// What is; nil when there is nothing.
  public let from: FieldValue?
  /// What should be; nil when it should go.
  public let to: FieldValue?
  /// Whether it takes effect only when the resource is restarted.
  public let pendingRestart: Bool

  /// Creates the difference of one field.
  public init(_ field: String, from: FieldValue?, to: FieldValue?, pendingRestart: Bool = false) {
    self.field = field
    self.from = from
    self.to = to
    self.pendingRestart = pendingRestart
  }
}

/// A difference between what is and what should be, for one resource.
public struct Change: Hashable, Sendable, Codable {
  /// What is to be done.
  public enum Kind: String, Hashable, Sendable, Codable {
    case create, update, delete
  }

  /// What differs.
  public let resource: ResourceID
  /// What is to be done.
  public let kind: Kind
  /// The differing fields; for a create what it will have, for a delete usually none.
  public let fields: [FieldChange]
  /// Why, in a few words for people: `2375 is open`, `memory differs`.
  public let reason: String
  /// What must be ready first. Only compile declares it; the planner fills it in.
  public var requires: [ResourceID]
  /// The harm it can do.
  public var risk: Risk
  /// Why it must not be carried out although it is wanted; nil when nothing is against it.
  ///
  /// A system's diff sets it where acting would be wrong whatever the policy says, for example when
  /// it would cut Phoenix's own way in.
  public var hold: String?
  /// Whether time or an operator's word brings it about, as a renewal: many at once are no sign of a mistake, and
  /// guards do not count it.
  public let isScheduled: Bool
  /// Whether it can be done without what its resource requires otherwise, since all that it takes lies ready.
  public let isSelfContained: Bool
  /// Whether it closes what must never be open. It waits neither for a state directory that can be written nor for
  /// somebody else to stop writing: what is cut twice is cut, and a crash loses nothing that the next look would not
  /// find.
  public let endsExposure: Bool

  /// Creates a change.
  public init(
    _ resource: ResourceID, _ kind: Kind, fields: [FieldChange] = [], reason: String,
    requires: [ResourceID] = [], risk: Risk = .safe, hold: String? = nil, isScheduled: Bool = false,
    isSelfContained: Bool = false, endsExposure: Bool = false
  ) {
    self.resource = resource
    self.kind = kind
    self.fields = fields
    self.reason = reason
    self.requires = requires
    self.risk = risk
    self.hold = hold
    self.isScheduled = isScheduled
    self.isSelfContained = isSelfContained
    self.endsExposure = endsExposure
  }
}
