public import PhoenixCore

/// What has happened since the start of the process, kept for metrics, readiness and the status line.
public final class Monitor: Sendable {
  /// How a pass ended, in a word.
  public enum PassResult: String, Hashable, Sendable, CaseIterable {
    /// Nothing was to be done.
    case steady
    /// Everything that was to be done is done.
    case changed
    /// Something that was begun did not come out.
    case failed
    /// It ended without doing anything.
    case refused

    init(_ result: RunResult, isSteady: Bool) {
      if result.refusal != nil {
        self = .refused
      } else if result.actions.values.contains(where: { $0.outcome.isTrouble }) {
        self = .failed
      } else {
        self = isSteady ? .steady : .changed
      }
    }
  }

  /// What an action's counter is about.
  public struct ActionKey: Hashable, Sendable, Comparable {
    /// The system.
    public let system: SystemName
    /// `Outcome.word`.
    public let outcome: String

    /// By system, then outcome.
    public static func < (left: ActionKey, right: ActionKey) -> Bool {
      (left.system, left.outcome) < (right.system, right.outcome)
    }
  }

  /// What was counted.
  public struct Counts: Sendable {
    /// Passes, by how they ended.
    public fileprivate(set) var passes: [PassResult: Int] = [:]
    /// Actions that ended, whoever wanted them.
    public fileprivate(set) var actions: [ActionKey: Int] = [:]
    /// When a pass last ended with every system readable and nothing failed; nil before the first.
    public fileprivate(set) var lastSuccess: WallTime?
    /// How readable the systems were in the last run that looked at them; nil before the first.
    public fileprivate(set) var lastSystems: [SystemName: SystemHealth]?
    /// How the last run ended.
    public fileprivate(set) var lastResult: PassResult?
    /// Endpoints that keep failing and are left alone.
    public fileprivate(set) var openCircuits: Set<String> = []
    /// Whether the state directory can be written.
    public fileprivate(set) var isStateWritable = true
    /// The run that is under way.
    public fileprivate(set) var currentRun: RunID?
  }

  private struct State {
    var counts = Counts()
    var isPass = false
  }

  private let state = Lock(State())

  /// Creates a monitor that has seen nothing.
  public init() {}

  /// What was counted so far.
  public var counts: Counts { state.withLock(\.counts) }

  /// Takes an event in.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - now: When.
  public func record(_ event: KernelEvent, at now: WallTime) {
    state.withLock { state in
      switch event.kind {
      case .runStarted(let request):
        state.counts.currentRun = request.id
        if case .pass = request.purpose { state.isPass = true } else { state.isPass = false }
      case .actionEnded(let change, let result):
        let key = ActionKey(system: change.resource.system, outcome: result.outcome.word)
        state.counts.actions[key, default: 0] += 1
      case .runEnded(let result, let isSteady, _): Self.end(&state, result, isSteady: isSteady, now)
      case .circuitOpened(let endpoint): state.counts.openCircuits.insert(endpoint)
      case .circuitClosed(let endpoint): state.counts.openCircuits.remove(endpoint)
      case .stateWritable(let writable, _): state.counts.isStateWritable = writable
      default: break
      }
    }
  }

  private static func end(_ state: inout State, _ result: RunResult, isSteady: Bool, _ now: WallTime) {
    state.counts.currentRun = nil
    // A run that was stopped before it had looked says nothing about the systems.
    let hasLooked = !result.plan.digest.isEmpty
    if hasLooked { state.counts.lastSystems = result.plan.systems }
    guard state.isPass else { return }
    let word = PassResult(result, isSteady: isSteady)
    state.counts.passes[word, default: 0] += 1
    state.counts.lastResult = word
    let isReadable = hasLooked && result.plan.systems.values.allSatisfy { $0 == .readable }
    if isReadable, word == .steady || word == .changed { state.counts.lastSuccess = now }
  }

  /// Why Phoenix is not ready: no run has looked yet, or a system was not readable in the last one; empty when it
  /// is ready.
  public var obstacles: [Obstacle] {
    guard let systems = counts.lastSystems else { return [Obstacle(what: "no pass has ended yet", why: nil)] }
    return systems.sorted { $0.key < $1.key }.compactMap { system, health in
      switch health {
      case .readable: nil
      case .partly(let reason): Obstacle(what: "\(system.rawValue) can be read in part", why: reason)
      case .unreadable(let reason): Obstacle(what: "\(system.rawValue) cannot be read", why: reason)
      }
    }
  }

  /// Why Phoenix is not ready.
  public struct Obstacle: Hashable, Sendable, CustomStringConvertible {
    /// What is so.
    public let what: String
    /// The reason, where there is one.
    public let why: String?

    /// `what: why`.
    public var description: String { why.map { "\(what): \($0)" } ?? what }
  }
}

extension Outcome {
  /// Whether it was begun and did not come out, which is more than being kept from it.
  var isTrouble: Bool {
    switch self {
    case .failed, .notConverged: true
    case .unchanged, .verified, .stale, .blocked, .held, .cancelled: false
    }
  }
}
