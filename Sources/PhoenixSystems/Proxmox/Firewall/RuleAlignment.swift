/// Where the rules that should be stand in the list that is.
///
/// Rules are equal here when they look at the same traffic and do the same with it; whether they are enabled
/// and what is said about them can be mended where they stand.
struct RuleAlignment: Hashable, Sendable {
  /// How many of the first desired rules are not there in order; all others are.
  let missing: Int
  /// For each desired rule from `missing` on, its index in the live list, ascending.
  let positions: [Int]

  /// Aligns as many desired rules as possible, counted from the last one backwards: rules can be added only
  /// at the top of a list, so what is missing must be a beginning.
  init(desired: [Proxmox.Rule], live: [Proxmox.Rule]) {
    // A list whose enabled rules are already right needs no disabled one, wherever that stands.
    let enabled = Self.positions(of: desired, in: live) { $0.isEnabled }
    let found = enabled.count == desired.count ? enabled : Self.positions(of: desired, in: live) { _ in true }
    self.missing = desired.count - found.count
    self.positions = found
  }

  private static func positions(
    of desired: [Proxmox.Rule], in live: [Proxmox.Rule], where isUsable: (Proxmox.Rule) -> Bool
  ) -> [Int] {
    var positions: [Int] = []
    var wanted = desired.endIndex
    for index in live.indices.reversed() where wanted > desired.startIndex {
      guard isUsable(live[index]), live[index].match == desired[wanted - 1].match else { continue }
      positions.append(index)
      wanted -= 1
    }
    return positions.reversed()
  }
}
