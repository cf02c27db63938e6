public import PhoenixCore

/// When a certificate is renewed: at two thirds of its life, a little earlier by a hash that never changes, so
/// that certificates issued together are not renewed together.
public struct RenewalSchedule: Hashable, Sendable {
  /// How near the end is.
  public enum Stage: String, Hashable, Sendable, Comparable, CaseIterable {
    case waiting, due, emergency, expired

    /// By nearness of the end.
    public static func < (left: Stage, right: Stage) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// From when it is renewed.
  public let due: WallTime
  /// When the last twentieth of its life begins.
  public let emergency: WallTime
  /// When it ends.
  public let expiry: WallTime

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - name: The certificate's name.
  ///   - serial: Its serial number.
  ///   - notBefore: From when it is valid.
  ///   - notAfter: Until when it is valid.
  public init(name: String, serial: String, notBefore: WallTime, notAfter: WallTime) {
    let life = max(0, notAfter.milliseconds - notBefore.milliseconds)
    let jitter = Int64(StableHash.fraction(of: "\(name) \(serial)") * Double(life / 20))
    due = WallTime(milliseconds: notBefore.milliseconds + life * 2 / 3 - jitter)
    emergency = WallTime(milliseconds: notAfter.milliseconds - life / 20)
    expiry = notAfter
  }

  /// The schedule of a certificate that was seen.
  public init(name: String, _ leaf: Certificates.Leaf) {
    self.init(name: name, serial: leaf.serial, notBefore: leaf.notBefore, notAfter: leaf.notAfter)
  }

  /// How near the end is at a moment.
  public func stage(at now: WallTime) -> Stage {
    if now >= expiry { return .expired }
    if now >= emergency { return .emergency }
    return now >= due ? .due : .waiting
  }

  /// When the next stage begins; nil when it has expired.
  public func next(after now: WallTime) -> WallTime? { [due, emergency, expiry].first { $0 > now } }
}
