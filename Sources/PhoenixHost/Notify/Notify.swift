import CSystemd

/// Tells the service manager how the daemon fares (sd_notify). Without a service manager it tells nobody.
public struct Notify: Sendable {
  private let send: @Sendable (String) -> Void
  private let uptime: @Sendable () -> Duration

  /// Creates a teller.
  ///
  /// - Parameters:
  ///   - clock: Whose `uptime` (CLOCK_MONOTONIC) goes with a reload.
  ///   - send: Takes the assignments, one a line.
  public init(clock: HostClock = .system, send: @escaping @Sendable (String) -> Void) {
    self.send = send
    uptime = clock.uptime
  }

  /// The service manager of $NOTIFY_SOCKET.
  public static let system = Notify { _ = sd_notify(0, $0) }

  /// The start or the reload is complete.
  ///
  /// - Parameter status: What `systemctl status` shows.
  public func ready(_ status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

  /// A reload begins; `ready` ends it, also when it failed.
  public func reloading() {
    let time = uptime().components
    let microseconds = time.seconds * 1_000_000 + time.attoseconds / 1_000_000_000_000
    send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// What `systemctl status` shows.
  public func status(_ text: String) { send("STATUS=\(Self.oneLine(text))") }

  /// The daemon is about to end.
  public func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(Self.oneLine(status))") }

  /// All loops make progress.
  public func watchdog() { send("WATCHDOG=1") }

  /// A line end would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }
}
