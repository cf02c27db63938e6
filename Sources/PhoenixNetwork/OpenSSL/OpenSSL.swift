import COpenSSL

/// Calls into libssl with its error queue in order. The queue belongs to the thread, so nothing here awaits.
enum OpenSSL {
  /// Runs some calls; when they give nil, what libssl says about it is thrown.
  static func call<Result: ~Copyable>(
    _ doing: String, _ calls: () throws(CryptoError) -> Result?
  ) throws(CryptoError) -> Result {
    ERR_clear_error()
    guard let result = try calls() else { throw CryptoError(doing, reasons()) }
    return result
  }

  /// Runs some calls that tell by a truth value whether they worked.
  static func check(_ doing: String, _ calls: () -> Bool) throws(CryptoError) {
    ERR_clear_error()
    guard calls() else { throw CryptoError(doing, reasons()) }
  }

  /// What the error queue holds, the cause first; empties it.
  static func reasons() -> String {
    var reasons: [String] = []
    while case let error = ERR_get_error(), error != 0 {
      guard let text = ERR_reason_error_string(error) else { continue }
      let reason = String(cString: text)
      if !reasons.contains(reason), reasons.count < 3 { reasons.append(reason) }
    }
    return reasons.isEmpty ? "libssl gives no reason" : reasons.joined(separator: ", ")
  }

  /// A BIO to read some bytes from; nil when libssl is out of memory. It overwrites its copy when it goes.
  static func reader(_ bytes: [UInt8]) -> Owned? {
    guard let count = Int32(exactly: bytes.count), let bio = Owned(BIO_new(BIO_s_mem()), freeBIO) else {
      return nil
    }
    guard bytes.isEmpty || BIO_write(bio.raw, bytes, count) == count else { return nil }
    return bio
  }

  /// What is written to a BIO in memory.
  static func written(_ write: (OpaquePointer) -> Bool) -> [UInt8]? {
    guard let bio = Owned(BIO_new(BIO_s_mem()), freeBIO), write(bio.raw) else { return nil }
    var bytes: UnsafeMutablePointer<CChar>?
    let count = phoenix_bio_bytes(bio.raw, &bytes)
    guard count >= 0, let bytes else { return nil }
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// What one of the `i2d_` functions encodes.
  static func encoded(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
    let count = encode(nil)
    guard count > 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
      var end = buffer.baseAddress
      initialized = max(0, Int(encode(&end)))
    }
  }

  private static func freeBIO(_ bio: OpaquePointer?) { BIO_free(bio) }
}
