import FoundationEssentials
import Glibc
import PhoenixCore

/// One record in the state directory: whole at every moment, checked when read, with a copy of the one before.
///
/// All calls block on the disk: use it from an actor on a `QueueExecutor`. One store per file and process.
public struct StateStore<Value: Codable & Sendable>: ~Copyable {
  /// What a read brought.
  public enum Loaded {
    /// The record.
    case current(Value)
    /// The record was damaged, for this reason, and this is the one before it.
    case previous(Value, reason: String)
    /// There is no record yet.
    case none
    /// Neither the record nor the one before can be used, for this reason: build it anew from the world.
    case unusable(reason: String)
    /// There is a record that cannot be read now, or not by this version, for this reason. It is not overwritten:
    /// nothing can be saved until it was read.
    case unreadable(reason: String)
  }

  private let path: String
  private let schema: Int
  private let limit: Int
  private let counter: WriteCounter?
  /// The first line of what the file holds, when that is known to be whole: it stands for all of it.
  private var known: [UInt8]?
  /// Why the record that is there must not be overwritten.
  private var obstacle: String?

  /// Creates a store; nothing is read or written yet.
  ///
  /// - Parameters:
  ///   - path: The record's file; `PATH.previous` and `PATH.new` are the store's as well.
  ///   - schema: The version of `Value`'s form: another one is not decoded.
  ///   - limit: The most bytes that are read.
  ///   - counter: Counts the writes.
  public init(path: String, schema: Int, limit: Int = 64 << 20, counter: WriteCounter? = nil) {
    self.path = path
    self.schema = schema
    self.limit = limit
    self.counter = counter
  }

  /// Reads the record, or the one before it when that is all there is.
  public mutating func load() -> Loaded {
    known = nil
    obstacle = nil
    switch read(path) {
    case .success(let (value, bytes)):
      known = StateEnvelope.head(of: bytes)
      return .current(value)
    case .failure(.missing):
      // A kill cannot take the record and leave the one before, but a restored directory may lack it.
      guard case .success(let (value, _)) = read(previousPath) else { return .none }
      return .previous(value, reason: "\(path) is missing")
    case .failure(.unreadable(let reason)):
      obstacle = reason
      return .unreadable(reason: reason)
    case .failure(.otherSchema(let reason)):
      // One damaged digit looks the same; then the record before it is still of ours.
      if case .success(let (value, _)) = read(previousPath) { return .previous(value, reason: reason) }
      obstacle = reason
      return .unreadable(reason: reason)
    case .failure(.damaged(let reason)):
      guard case .success(let (value, _)) = read(previousPath) else { return .unusable(reason: reason) }
      return .previous(value, reason: reason)
    }
  }

  /// Writes the record, unless it is what the file holds already.
  ///
  /// - Parameter value: The record.
  /// - Returns: Whether there was something to write.
  /// - Throws: `FileError.full` when there is no room: the old record stands.
  @discardableResult
  public mutating func save(_ value: Value) throws(FileError) -> Bool {
    if let obstacle { throw .unsuitable(path: path, reason: "must not be overwritten: \(obstacle)") }
    let bytes = StateEnvelope.seal(try encode(value), schema: schema)
    let head = StateEnvelope.head(of: bytes)
    if head == known && access(path, F_OK) == 0 { return false }
    let temporary = try AtomicFile.writeTemporary(bytes, beside: path, mode: 0o600)
    Failpoint.reach(.stateTemporaryWritten)
    do throws(FileError) {
      if known != nil { try keepPrevious() }
      Failpoint.reach(.statePreviousKept)
      try AtomicFile.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    Failpoint.reach(.stateRenamed)
    known = head
    counter?.count()
    try AtomicFile.syncDirectory(of: path)
    return true
  }

  private var previousPath: String { "\(path).previous" }

  /// Makes the record that is about to be replaced the previous one. A damaged one is never kept.
  private func keepPrevious() throws(FileError) {
    let link = "\(previousPath).new"
    if unlink(link) != 0 && errno != ENOENT { throw FileError.from("unlink", link, code: errno) }
    guard Glibc.link(path, link) == 0 else {
      if errno == ENOENT { return }
      throw FileError.from("link", link, code: errno)
    }
    try AtomicFile.rename(link, to: previousPath)
    // After a kill between here and the rename of the record both names are the same file, and rename does nothing.
    unlink(link)
  }

  private enum Trouble: Error {
    case missing
    case unreadable(String)
    case otherSchema(String)
    case damaged(String)
  }

  private func read(_ path: String) -> Result<(Value, [UInt8]), Trouble> {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try AtomicFile.read(path, limit: limit)
    } catch {
      if case .missing = error { return .failure(.missing) }
      return .failure(.unreadable(error.failure(doing: "read \(path)").got))
    }
    switch StateEnvelope.open(bytes, schema: schema) {
    case .damaged(let reason): return .failure(.damaged("\(path) is damaged: \(reason)"))
    case .otherSchema(let found):
      return .failure(
        .otherSchema("\(path) has schema \(found), and this version of Phoenix knows \(schema)"))
    case .payload(let payload):
      do {
        return .success((try JSONDecoder().decode(Value.self, from: Data(payload)), bytes))
      } catch {
        return .failure(.damaged("\(path) does not hold what it should: \(error)"))
      }
    }
  }

  private func encode(_ value: Value) throws(FileError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value)) + [0x0A]
    } catch {
      throw .unsuitable(path: path, reason: "cannot hold its record: \(error)")
    }
  }
}
