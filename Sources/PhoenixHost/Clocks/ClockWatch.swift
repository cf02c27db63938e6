import CLinux
import Dispatch
import Glibc
import PhoenixCore

/// Tells when the wall clock is set or the machine wakes from suspend.
///
/// A timerfd with TFD_TIMER_CANCEL_ON_SET tells of a set clock at once; a tick finds the rest. Hold it for as
/// long as it should watch.
public final class ClockWatch: Sendable {
  private struct Sources {
    var tick: any DispatchSourceTimer
    var set: (any DispatchSourceRead)?
  }

  private let clock: HostClock
  private let last: Lock<ClockSample>
  private let sources: Lock<Sources?> = Lock(nil)
  private let report: @Sendable (ClockEvent) -> Void

  /// Starts to watch.
  ///
  /// - Parameters:
  ///   - clock: The clocks to read.
  ///   - tick: How often to look when nothing tells.
  ///   - report: Called on a private queue, once for each event.
  public init(
    clock: HostClock = .system, tick: Duration = .seconds(60),
    report: @escaping @Sendable (ClockEvent) -> Void
  ) {
    self.clock = clock
    self.report = report
    last = Lock(ClockSample(of: clock))
    start(every: tick)
  }

  deinit {
    let sources = sources.withLock { $0.take() }
    sources?.tick.cancel()
    sources?.set?.cancel()
  }

  /// Compares the clocks with the last look, and reports what happened.
  public func look() {
    let now = ClockSample(of: clock)
    let events = last.withLock { last in
      defer { last = now }
      return ClockEvent.between(last, now)
    }
    for event in events { report(event) }
  }

  private func start(every interval: Duration) {
    sources.withLock { sources in
      let queue = DispatchQueue(label: "phoenix.clock")
      let tick = DispatchSource.makeTimerSource(queue: queue)
      let milliseconds = Int(interval.wholeMilliseconds)
      tick.schedule(
        deadline: .now() + .milliseconds(milliseconds), repeating: .milliseconds(milliseconds),
        leeway: .milliseconds(max(1, milliseconds / 20)))
      tick.setEventHandler { @Sendable [weak self] in self?.look() }
      tick.resume()
      sources = Sources(tick: tick, set: watchSetting(on: queue))
    }
  }

  /// A source that fires when the wall clock is set; nil where the kernel has no such timer: the tick is left.
  private func watchSetting(on queue: DispatchQueue) -> sending (any DispatchSourceRead)? {
    let timer = phoenix_wall_timer_create()
    guard timer >= 0 else { return nil }
    let farAway: Int64 = 1 << 33  // the year 2242
    guard phoenix_wall_timer_arm(timer, farAway) == 0 else {
      close(timer)
      return nil
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: timer, queue: queue)
    source.setEventHandler { @Sendable [weak self] in
      var expirations: UInt64 = 0
      _ = read(timer, &expirations, MemoryLayout<UInt64>.size)  // fails with ECANCELED: the clock was set
      _ = phoenix_wall_timer_arm(timer, farAway)
      self?.look()
    }
    source.setCancelHandler { @Sendable in close(timer) }
    source.resume()
    return source
  }
}
