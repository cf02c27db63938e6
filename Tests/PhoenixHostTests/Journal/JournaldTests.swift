import Glibc
import PhoenixHost
import Testing

/// A real journald of the test's own, in a mount namespace where /run and /var/log are empty.
@Suite(.enabled(if: OwnJournald.isPossible), .timeLimit(.minutes(2))) struct JournaldTests {
  private static let script = #"""
    set -e
    mount -t tmpfs none /run
    mount -t tmpfs none /var/log
    mkdir -p /run/systemd
    "$1" > /dev/null 2>&1 &
    journald=$!
    for attempt in $(seq 500); do
      [ -S /run/systemd/journal/socket ] && break
      sleep 0.02
    done
    "$2" journal "$journald"
    """#

  @Test func linesAreReadBackAndAStoppedJournaldBlocksNobody() async throws {
    let result = try await Processes.run(
      ProcessCommand(
        ["unshare", "--mount", "sh", "-c", Self.script, "sh", OwnJournald.program, Probe.path],
        timeout: .seconds(90)))
    #expect(
      result.text.split(separator: "\n") == [
        "warning driftFound exact", "all 2", #"limited ["something else"]"#, "later 0",
        "flushed while stopped: false", "dropped: true", "flushed later: true", "all drops reported: true",
      ], "\(result.account)")
  }
}

private enum OwnJournald {
  static let program = "/lib/systemd/systemd-journald"

  static var isPossible: Bool {
    geteuid() == 0 && access(program, X_OK) == 0 && Repository.hasTool("unshare")
  }
}
