import PhoenixCore

/// What operators have allowed, as the oracle remembers it: each word for one plan, within its run, and after a
/// crash for what is left of that plan, for an hour.
struct OperatorWords {
  private struct Word {
    let allow: Set<Risk>
    var plan: [ResourceID: Change]?
    var given: WallTime
    var files = ""
    /// What a kill cut short; nil while its run goes on or has not begun.
    var cutShort: Set<ResourceID>?
  }

  private var words: [RunID: Word] = [:]
  private static let lifetime: Duration = .seconds(3600)

  mutating func speak(_ allow: Set<Risk>, run: RunID, at moment: Moment) {
    words[run] = Word(allow: allow, given: moment.wall)
  }

  /// The first plan of a run is what its word is for.
  mutating func planned(_ plan: Plan, run: RunID, files: String, at moment: Moment) {
    guard words[run] != nil, words[run]?.plan == nil else { return }
    words[run]?.plan = Dictionary(plan.actions.map { ($0.resource, $0.change) }) { first, _ in first }
    words[run]?.given = moment.wall
    words[run]?.files = files
  }

  mutating func runEnded(_ run: RunID) {
    if words[run]?.cutShort == nil { words[run] = nil }
  }

  /// A word that did not reach the disk is forgotten; one that did is for what is left.
  mutating func killed(disk: KernelMemory?) {
    let inFlight = Set((disk?.inFlight ?? [:]).keys)
    for (run, word) in words {
      if let before = word.cutShort {
        words[run]?.cutShort = before.union(inFlight)
        continue
      }
      guard let plan = word.plan, disk?.approvals.contains(where: { $0.given == word.given }) ?? false else {
        words[run] = nil
        continue
      }
      words[run]?.cutShort = inFlight.intersection(plan.keys)
    }
  }

  /// The risks that the word of the run under way allows; nil when it is no operator's.
  func allowed(inRun run: RunID?) -> Set<Risk>? {
    run.flatMap { words[$0] }.map { $0.allow.union([.safe]) }
  }

  /// Whether a word from before a kill is for this change.
  func outlasts(_ change: Change, files: String, at moment: Moment) -> Bool {
    words.values.contains { word in
      guard let cutShort = word.cutShort, word.files == files, word.given <= moment.wall,
        moment.wall < word.given + Self.lifetime, let shown = word.plan?[change.resource]
      else { return false }
      if cutShort.contains(change.resource) { return change.risk <= shown.risk }
      return change.risk <= shown.risk && change.kind == shown.kind
        && zip(change.fields, shown.fields).allSatisfy { now, then in
          now.from == then.from && (now.to == then.to || then.to == .knownAfterApply)
        }
    }
  }
}
