#if PHOENIX_FAILPOINTS
  import Glibc
  import PhoenixCore
#endif

/// The named places where a test can stop or kill the process.
///
/// Only builds made with PHOENIX_FAILPOINTS act on them. `PHOENIX_FAILPOINT=NAME:kill|stop|exit|slow[:NTH]` in the
/// environment chooses one: at its NTH passing (default the first) the process kills itself, stops itself
/// (SIGSTOP), exits with status 70, or stays there for 5 s.
public enum Failpoint: String, CaseIterable, Sendable {
  case configurationRead = "configuration.read"
  case stateTemporaryWritten = "state.temporary-written"
  case statePreviousKept = "state.previous-kept"
  case stateRenamed = "state.renamed"
  case actionRecorded = "action.recorded"
  case actionApplied = "action.applied"
  case actionProved = "action.proved"
  case taskRecorded = "task.recorded"
  case taskBegun = "task.begun"
  case taskNamed = "task.named"
  case certificateKeyRecorded = "certificate.key-recorded"
  case certificateIssued = "certificate.issued"
  case certificateRecorded = "certificate.recorded"
  case certificateDeliveryRecorded = "certificate.delivery-recorded"
  case certificateBeforeDelivery = "certificate.before-delivery"
  case certificateDelivered = "certificate.delivered"
  case certificateActivated = "certificate.activated"
  case certificateProbed = "certificate.probed"
  case certificateCommitted = "certificate.committed"

  /// Passes a place; in ordinary builds nothing happens and nothing is left of it.
  @inline(__always)
  public static func reach(_ point: Failpoint) {
    #if PHOENIX_FAILPOINTS
      Chosen.shared.pass(point)
    #endif
  }
}

#if PHOENIX_FAILPOINTS
  /// The failpoint that the environment chose, read once.
  private final class Chosen: Sendable {
    static let shared = Chosen()

    private let name: String
    private let act: String
    private let left: Lock<Int>

    private init() {
      let text = getenv("PHOENIX_FAILPOINT").map { String(cString: $0) } ?? ""
      let parts = text.split(separator: ":").map(String.init)
      name = parts.first ?? ""
      act = parts.count > 1 ? parts[1] : ""
      left = Lock(parts.count > 2 ? Int(parts[2]) ?? 1 : 1)
    }

    func pass(_ point: Failpoint) {
      guard point.rawValue == name else { return }
      let now = left.withLock { left in
        left -= 1
        return left == 0
      }
      guard now else { return }
      switch act {
      case "kill": kill(getpid(), SIGKILL)
      case "stop": kill(getpid(), SIGSTOP)
      case "exit": _exit(70)
      case "slow": sleep(5)
      default: break
      }
    }
  }
#endif
