import Glibc
import PhoenixCore
import PhoenixHost

/// The tasks that make guests, in the state directory: `DIR/tasks`. A task is on disk before it is waited for, and that
/// it will be asked for before that.
actor TaskJournal {
  /// A task that was asked for, and is not known to have ended.
  struct Entry: Codable, Hashable, Sendable {
    /// The node that was asked.
    let node: String
    /// The guest that the task is named after.
    let subject: Int
    /// What Proxmox calls such a task: `vzclone`.
    let type: String
    /// Just before it was asked for.
    let asked: WallTime
    /// Its name, when the answer came.
    var id: String?
  }

  private static let schema = 1

  private let directory: String
  private var store: StateStore<[String: Entry]>
  private let executor = QueueExecutor(label: "phoenix.tasks")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(directory: String, writes: WriteCounter?) {
    self.directory = directory
    store = StateStore(path: "\(directory)/tasks", schema: Self.schema, counter: writes)
  }

  /// The task that makes a guest; nil when none is under way.
  func entry(for vmid: Int) throws(Failure) -> Entry? { try all()["\(vmid)"] }

  /// Writes that a task is under way, or with nil that none is.
  func set(_ entry: Entry?, for vmid: Int) throws(Failure) {
    var entries = try all()
    guard entries["\(vmid)"] != entry else { return }
    entries["\(vmid)"] = entry
    // Where that cannot be, the write says why.
    mkdir(directory, 0o700)
    do throws(FileError) { try store.save(entries) } catch {
      throw error.failure(doing: "keep what makes guest \(vmid)")
    }
  }

  /// What cannot be read stays as it is, and nothing is begun that relies on it.
  private func all() throws(Failure) -> [String: Entry] {
    switch store.load() {
    case .current(let entries), .previous(let entries, _): return entries
    case .none, .unusable: return [:]
    case .unreadable(let reason):
      throw Failure(.transient, doing: "read which tasks make guests", got: reason)
    }
  }
}
