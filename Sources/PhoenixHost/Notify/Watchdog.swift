import Dispatch
import Glibc
import PhoenixCore

/// Feeds the service manager's watchdog for as long as every loop of the daemon makes progress.
///
/// A timer that pings by itself would only prove that timers work. So each loop is asked to do a round, in its own
/// place and as it does its work, and a ping goes out only when each has done one since the last ping.
public final class Watchdog: Sendable {
  /// Does one round of a loop. A loop that hangs never returns, or says false.
  public typealias Round = @Sendable () async -> Bool

  /// The loops are asked at least so often.
  private static let beat = Duration.seconds(10)
  /// How long a loop may go without a round before /healthz tells.
  private static let allowance = Duration.seconds(45)

  private let notify: Notify
  private let uptime: @Sendable () -> Duration
  private let state = Lock(WatchdogState())
  private let rounds = Lock<[Int: Round]>([:])
  private let timer: Lock<(any DispatchSourceTimer)?> = Lock(nil)

  /// Creates a watchdog that asks and pings nobody before `start`.
  ///
  /// - Parameters:
  ///   - notify: Takes the pings.
  ///   - clock: Whose `uptime` counts: suspend is not a loop's fault.
  public init(notify: Notify = .system, clock: HostClock = .system) {
    self.notify = notify
    uptime = clock.uptime
  }

  deinit { timer.withLock { $0.take() }?.cancel() }

  /// How often the service manager wants a ping: WatchdogSec= of the unit; nil without one.
  public static func interval() -> Duration? {
    guard let text = getenv("WATCHDOG_USEC"), let microseconds = Int64(String(cString: text)),
      microseconds > 0
    else { return nil }
    if let pid = getenv("WATCHDOG_PID"), String(cString: pid) != String(getpid()) { return nil }
    return .microseconds(microseconds)
  }

  /// Adds a loop.
  ///
  /// - Parameters:
  ///   - name: As `late` and /healthz show it.
  ///   - round: Does one round of it.
  /// - Returns: What takes it away again when it ends.
  @discardableResult
  public func register(_ name: String, round: @escaping Round) -> WatchdogLoop {
    let now = uptime()
    let id = state.withLock { $0.register(name, now: now) }
    rounds.withLock { $0[id] = round }
    return WatchdogLoop(watchdog: self, id: id)
  }

  /// The loops that are overdue, by name; empty when all is well.
  public var late: [String] {
    let now = uptime()
    return state.withLock { $0.late(now: now, allowance: Self.allowance) }
  }

  /// Asks the loops from now on, at least three times in each interval, and pings for those who answer.
  ///
  /// - Parameter interval: As the service manager wants it; nil only asks.
  public func start(interval: Duration? = Watchdog.interval()) {
    let beat = min(interval.map { $0 / 3 } ?? Self.beat, Self.beat)
    timer.withLock { timer in
      timer?.cancel()
      let source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "phoenix.watchdog"))
      let milliseconds = Int(max(1, beat.wholeMilliseconds))
      source.schedule(
        deadline: .now(), repeating: .milliseconds(milliseconds),
        leeway: .milliseconds(max(1, milliseconds / 10)))
      source.setEventHandler { @Sendable [weak self] in self?.turn(isPinging: interval != nil) }
      source.resume()
      timer = source
    }
  }

  /// One ping, if each loop has done a round since the last; and the question for the next rounds.
  func turn(isPinging: Bool = true) {
    let (isWell, asked) = state.withLock { $0.turn() }
    if isWell && isPinging { notify.watchdog() }
    for id in asked { ask(id) }
  }

  private func ask(_ id: Int) {
    guard let round = rounds.withLock({ $0[id] }) else { return }
    Task { @concurrent [weak self] in
      let isWell = await round()
      guard let self else { return }
      let now = uptime()
      state.withLock { $0.answer(id, isWell: isWell, now: now) }
    }
  }

  fileprivate func remove(_ id: Int) {
    state.withLock { $0.remove(id) }
    rounds.withLock { $0[id] = nil }
  }
}

/// One loop that is watched.
public struct WatchdogLoop: Sendable {
  fileprivate let watchdog: Watchdog
  fileprivate let id: Int

  /// The loop has ended, and nothing is to be expected of it.
  public func finish() { watchdog.remove(id) }
}
