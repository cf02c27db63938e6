/// One field of a change, as JSON shows it.
public struct FieldReport: Hashable, Sendable, Codable {
  /// The field, named as the users' files name it.
  public let field: String
  /// What is.
  public let from: ShownValue
  /// What should be.
  public let to: ShownValue
  /// Whether it takes effect only when the resource is restarted.
  public let pendingRestart: Bool

  enum CodingKeys: String, CodingKey {
    case field, from, to
    case pendingRestart = "pending_restart"
  }

  /// Makes the report of a field.
  public init(_ field: FieldChange) {
    self.field = field.field
    from = ShownValue(field.from)
    to = ShownValue(field.to)
    pendingRestart = field.pendingRestart
  }
}

/// One change of a plan, as JSON shows it.
public struct ChangeReport: Hashable, Sendable, Codable {
  /// What differs.
  public let resource: ResourceID
  /// What is to be done.
  public let change: Change.Kind
  /// The harm it can do.
  public let risk: Risk
  /// Why.
  public let reason: String
  /// What must be ready first.
  public let requires: [ResourceID]
  /// The changes of the same plan that come before it.
  public let after: [ResourceID]
  /// Why it is not carried out; nil when it is.
  public let held: String?
  /// The differing fields.
  public let fields: [FieldReport]

  /// Makes the report of a change.
  ///
  /// - Parameters:
  ///   - change: The change.
  ///   - after: The changes of the same plan that come before it.
  ///   - held: Why it is not carried out; nil when it is.
  public init(_ change: Change, after: [ResourceID] = [], held: String? = nil) {
    resource = change.resource
    self.change = change.kind
    risk = change.risk
    reason = change.reason
    requires = change.requires
    self.after = after
    self.held = held
    fields = change.fields.map { FieldReport($0) }
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(resource, forKey: .resource)
    try container.encode(change, forKey: .change)
    try container.encode(risk, forKey: .risk)
    try container.encode(reason, forKey: .reason)
    try container.encode(requires, forKey: .requires)
    try container.encode(after, forKey: .after)
    try container.encode(held, forKey: .held)
    try container.encode(fields, forKey: .fields)
  }
}
