import Glibc
public import PhoenixCore
import PhoenixHost

extension Proxmox {
  /// What an operator wants of a guest beyond what the files say.
  public indirect enum GuestWish: Codable, Hashable, Sendable {
    /// It does not run, until he wants it to.
    case stopped
    /// It starts anew, unless it has done so since.
    case restarted(since: WallTime)
    /// It is not there, until he wants it made; with what he wanted before, should he change his mind.
    case deleted(instead: GuestWish?)

    /// Whether it is not to be there.
    var isDeletion: Bool { if case .deleted = self { true } else { false } }
  }
}

/// The wishes for guests, in the state directory: `DIR/wishes`.
actor GuestWishes {
  private static let schema = 1

  private let directory: String
  private var store: StateStore<[String: Proxmox.GuestWish]>
  private let executor = QueueExecutor(label: "phoenix.wishes")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(directory: String, writes: WriteCounter?) {
    self.directory = directory
    store = StateStore(path: "\(directory)/wishes", schema: Self.schema, counter: writes)
  }

  /// All of them, by vmid.
  func all() -> Reading<[Int: Proxmox.GuestWish]> {
    switch store.load() {
    case .current(let wishes):
      .known(Dictionary(wishes.compactMap { key, wish in Int(key).map { ($0, wish) } }) { first, _ in first })
    case .none: .known([:])
    // Nothing shows what an operator wanted: until his next word nothing is started or made by it.
    case .previous(_, let reason), .unusable(let reason), .unreadable(let reason): .unreadable(reason)
    }
  }

  /// Keeps a wish, or with nil forgets it.
  func set(_ wish: Proxmox.GuestWish?, for vmid: Int) throws(Failure) {
    let doing = "keep what is wanted of guest \(vmid)"
    var wishes: [String: Proxmox.GuestWish] = [:]
    var isWhole = true
    switch store.load() {
    case .current(let kept): wishes = kept
    case .previous(let kept, _): (wishes, isWhole) = (kept, false)
    case .none: break
    case .unusable: isWhole = false
    case .unreadable(let reason): throw Failure(.transient, doing: doing, got: reason)
    }
    guard wishes["\(vmid)"] != wish || !isWhole else { return }
    wishes["\(vmid)"] = wish
    // Where that cannot be, the write says why.
    mkdir(directory, 0o700)
    do throws(FileError) { try store.save(wishes) } catch { throw error.failure(doing: doing) }
  }
}
