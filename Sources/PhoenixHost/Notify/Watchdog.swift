import Dispatch
import Glibc
import PhoenixCore

/// Feeds the service manager's watchdog for as long as every loop of the daemon makes progress.
///
/// A timer that pings by itself would only prove that timers work. Each loop says by when it will show a sign of
/// life; when one is overdue, no ping goes out, and the service manager restarts the daemon.
public final class Watchdog: Sendable {
  private let notify: Notify
  private let uptime: @Sendable () -> Duration
  private let state = Lock(WatchdogState())
  private let timer: Lock<(any DispatchSourceTimer)?> = Lock(nil)

  /// Creates a watchdog that pings nobody before `start`.
  ///
  /// - Parameters:
  ///   - notify: Takes the pings.
  ///   - clock: Whose `uptime` the deadlines count on: suspend is not a loop's fault.
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
  ///   - allowance: How long it may go without a sign of life.
  /// - Returns: What the loop reports to. A loop that ends says so by `finish`.
  public func register(_ name: String, allowance: Duration) -> WatchdogLoop {
    let now = uptime()
    let id = state.withLock { $0.register(name, allowance: allowance, now: now) }
    return WatchdogLoop(watchdog: self, id: id)
  }

  /// The loops that are overdue, by name; empty when all is well.
  public var late: [String] {
    let now = uptime()
    return state.withLock { $0.late(now: now) }
  }

  /// Pings from now on, three times in each interval.
  ///
  /// - Parameter interval: As the service manager wants it; nil does nothing.
  public func start(interval: Duration? = Watchdog.interval()) {
    guard let interval else { return }
    timer.withLock { timer in
      timer?.cancel()
      let source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "phoenix.watchdog"))
      let third = Int(max(1, interval.wholeMilliseconds / 3))
      source.schedule(
        deadline: .now(), repeating: .milliseconds(third), leeway: .milliseconds(max(1, third / 10)))
      source.setEventHandler { @Sendable [weak self] in self?.pingWhenWell() }
      source.resume()
      timer = source
    }
  }

  /// One ping, unless a loop is overdue.
  func pingWhenWell() {
    if late.isEmpty { notify.watchdog() }
  }

  fileprivate func progress(_ id: Int, next: Duration?) {
    let now = uptime()
    state.withLock { $0.progress(id, next: next, now: now) }
  }

  fileprivate func remove(_ id: Int) { state.withLock { $0.remove(id) } }
}

/// One loop's way to say that it is alive.
public struct WatchdogLoop: Sendable {
  fileprivate let watchdog: Watchdog
  fileprivate let id: Int

  /// The loop moved on.
  ///
  /// - Parameter next: When it will do so again at the latest; nil for its usual allowance. A loop that is about
  ///   to sleep for ten minutes says eleven.
  public func progress(next: Duration? = nil) { watchdog.progress(id, next: next) }

  /// The loop has ended, and nothing is to be expected of it.
  public func finish() { watchdog.remove(id) }
}
