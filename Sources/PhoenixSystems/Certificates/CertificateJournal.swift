import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// The keys and records of certificates in the state directory: `DIR/NAME/{record,wish,KEYID.key}`.
///
/// A key is on disk before anybody is asked to sign it. Files are private from their birth.
actor CertificateJournal {
  private static let schema = 1
  private static let recordLimit = 1 << 20

  private let directory: String
  private let writes: WriteCounter?
  private let executor = QueueExecutor(label: "phoenix.certificates")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(directory: String, writes: WriteCounter?) {
    self.directory = directory
    self.writes = writes
  }

  /// The record of a certificate; an empty one when there is none that can be used: then it is issued anew.
  func record(of name: String) throws(Failure) -> CertificateRecord {
    var store = try records(of: name)
    switch store.load() {
    case .current(let record), .previous(let record, _): return record
    case .none, .unusable: return CertificateRecord()
    case .unreadable(let reason):
      throw Failure(.transient, doing: "read what was issued for \(name)", got: reason)
    }
  }

  /// Writes the record of a certificate.
  func save(_ record: CertificateRecord, of name: String) throws(Failure) {
    try makeFolder(name)
    var store = try records(of: name)
    _ = store.load()
    do throws(FileError) {
      try store.save(record)
    } catch {
      throw error.failure(doing: "record what was issued for \(name)")
    }
  }

  /// Writes a key, and that it is about to be signed.
  func begin(_ key: PrivateKey, of name: String) throws(Failure) {
    try makeFolder(name)
    let path = try keyPath(name, key.publicKeySHA256)
    do throws(FileError) {
      try key.pem.reveal { (pem) throws(FileError) in
        try AtomicFile.write(Array(pem.utf8), to: path, mode: 0o600, counter: writes)
      }
    } catch {
      throw error.failure(doing: "keep the key of \(name)")
    }
    var record = try record(of: name)
    record.pending = CertificateRecord.Pending(keySHA256: key.publicKeySHA256)
    try save(record, of: name)
  }

  /// A key that was kept; nil when it is gone or is not the one it should be.
  func key(_ sha256: String, of name: String) throws(Failure) -> PrivateKey? {
    let path = try keyPath(name, sha256)
    do throws(FileError) {
      let bytes = try AtomicFile.read(path, limit: 1 << 16)
      guard let pem = String(validating: bytes, as: UTF8.self), let key = try? PrivateKey(pem: Secret(pem)),
        key.publicKeySHA256 == sha256
      else { return nil }
      return key
    } catch {
      if case .missing = error { return nil }
      throw error.failure(doing: "read the key of \(name)")
    }
  }

  /// Writes what was issued.
  func keep(_ issued: CertificateRecord.Issued, of name: String) throws(Failure) {
    var record = try record(of: name)
    record.pending = nil
    record.issued = issued
    try save(record, of: name)
  }

  /// Writes that a certificate is about to be delivered; for phoenixd's own certificate this is the delivery.
  func deliver(_ issued: CertificateRecord.Issued, of name: String) throws(Failure) {
    var record = try record(of: name)
    record.deliver(issued)
    try save(record, of: name)
  }

  /// What was delivered last, with its key; nil when nothing was, or not all of it is there any more.
  func delivered(of name: String) throws(Failure) -> Certificates.Identity? {
    if let found = try identity(record(of: name).delivered, of: name) { return found }
    // Somebody else writes here meanwhile: its successor may have taken its place between the record and the key.
    return try identity(record(of: name).delivered, of: name)
  }

  /// A recorded certificate with its key; nil when not all of it is there any more.
  func identity(
    _ issued: CertificateRecord.Issued?, of name: String
  ) throws(Failure) -> Certificates.Identity? {
    guard let issued, let chain = try? CertificateChain(pem: issued.chainPEM),
      let key = try key(issued.keySHA256, of: name), chain.leaf.matches(key)
    else { return nil }
    return Certificates.Identity(chain: chain, rootPEM: issued.rootPEM, key: key)
  }

  /// Removes the keys of a certificate that its record no longer names, and what a kill left of writing one.
  func dropOldKeys(of name: String) throws(Failure) {
    let record = try record(of: name)
    let kept = Set(
      [record.pending?.keySHA256, record.issued?.keySHA256, record.delivered?.keySHA256].compactMap { $0 }
        .map(Self.keyFile))
    let folder = try folder(name)
    for file in Self.files(in: folder) where file.contains(".key") && !kept.contains(file) {
      unlink("\(folder)/\(file)")
    }
  }

  /// The certificate that an operator wants replaced; nil when he does not.
  func wish(for name: String) -> String? {
    guard let folder = try? folder(name) else { return nil }
    var store = StateStore<RenewalWish>(path: "\(folder)/wish", schema: Self.schema)
    if case .current(let wish) = store.load() { return wish.fingerprint }
    return nil
  }

  /// Writes that a certificate is to be replaced.
  func requestRenewal(of name: String, replacing fingerprint: String) throws(Failure) {
    try makeFolder(name)
    var store = StateStore<RenewalWish>(
      path: "\(try folder(name))/wish", schema: Self.schema, counter: writes)
    _ = store.load()
    do throws(FileError) {
      try store.save(RenewalWish(fingerprint: fingerprint))
    } catch {
      throw error.failure(doing: "note that \(name) is to be renewed")
    }
  }

  private func records(of name: String) throws(Failure) -> StateStore<CertificateRecord> {
    StateStore(
      path: "\(try folder(name))/record", schema: Self.schema, limit: Self.recordLimit, counter: writes)
  }

  private func makeFolder(_ name: String) throws(Failure) {
    for path in [directory, try folder(name)] {
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
        let code = errno
        throw Failure(
          code == ENOSPC || code == EDQUOT ? .transient : .permanent, doing: "make \(path)",
          got: String(cString: strerror(code)), hint: "make room in, or give phoenixd, its state directory")
      }
    }
  }

  /// The folder of a certificate. The files' names were checked when they were read; what could lead elsewhere is
  /// refused here all the same.
  private func folder(_ name: String) throws(Failure) -> String {
    let plain = String(name.map { $0 == "*" ? "_" : $0 })
    let isPlain = plain.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "@:_.-".utf8.contains(byte)
      }
    }
    guard isPlain, !plain.isEmpty, !plain.hasPrefix("."), plain.utf8.count <= 255 else {
      throw Failure(
        .permanent, doing: "keep a certificate", expected: "a plain name", got: name.quotedForPeople,
        hint: "correct common_name in the manifest")
    }
    return "\(directory)/\(plain)"
  }

  private func keyPath(_ name: String, _ sha256: String) throws(Failure) -> String {
    "\(try folder(name))/\(Self.keyFile(sha256))"
  }

  private static func keyFile(_ sha256: String) -> String { "\(sha256.prefix(32)).key" }

  private static func files(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }
}
