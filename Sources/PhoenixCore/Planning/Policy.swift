/// A time of the week in which more is allowed.
public struct MaintenanceWindow: Hashable, Sendable, Codable {
  /// Days of the week on which it begins, 0 for Sunday.
  public let days: Set<Int>
  /// Minutes after local midnight at which it begins.
  public let from: Int
  /// Minutes after local midnight at which it ends; not after `from` means on the next day.
  public let to: Int
  /// What it allows in addition.
  public let allow: Set<Risk>

  /// Creates a window.
  public init(days: Set<Int>, from: Int, to: Int, allow: Set<Risk>) {
    self.days = days
    self.from = from
    self.to = to
    self.allow = allow
  }

  /// Whether a moment of local time lies in it.
  func contains(weekday: Int, minute: Int) -> Bool {
    if from < to { return days.contains(weekday) && (from..<to).contains(minute) }
    let yesterday = (weekday + 6) % 7
    return (days.contains(weekday) && minute >= from) || (days.contains(yesterday) && minute < to)
  }
}

/// What the daemon may do without being told.
public struct Policy: Hashable, Sendable, Codable {
  /// Whether drift is mended; by system where it differs.
  public var selfHeal: Bool
  /// Systems for which `selfHeal` is otherwise.
  public var selfHealBySystem: [SystemName: Bool]
  /// The risks it may take at any time.
  public var allow: Set<Risk>
  /// When it may take more.
  public var windows: [MaintenanceWindow]
  /// How many resources that were in sync it may delete in one plan.
  public var maxDeletes: Int
  /// Which part of the resources that were in sync it may change in one plan, from ten resources up.
  public var maxChangedFraction: Double
  /// Whether a swarm manager's firewall is switched on although its file says `enabled: false`.
  public var enforceDockerFirewall: Bool

  /// Creates a policy; the defaults mend what is safe and delete nothing.
  public init(
    selfHeal: Bool = true, selfHealBySystem: [SystemName: Bool] = [:], allow: Set<Risk> = [.safe],
    windows: [MaintenanceWindow] = [], maxDeletes: Int = 0, maxChangedFraction: Double = 0.5,
    enforceDockerFirewall: Bool = false
  ) {
    self.selfHeal = selfHeal
    self.selfHealBySystem = selfHealBySystem
    self.allow = allow
    self.windows = windows
    self.maxDeletes = maxDeletes
    self.maxChangedFraction = maxChangedFraction
    self.enforceDockerFirewall = enforceDockerFirewall
  }

  /// Whether drift in a system is mended without being told.
  public func heals(_ system: SystemName) -> Bool { selfHealBySystem[system] ?? selfHeal }

  /// The risks allowed at a moment. Destructive is never allowed by policy: it takes an operator's word.
  public func allowed(at moment: Moment) -> Set<Risk> {
    var risks = allow
    for window in windows
    where window.contains(weekday: moment.localWeekday, minute: moment.localMinute) {
      risks.formUnion(window.allow)
    }
    risks.remove(.destructive)
    return risks
  }
}
