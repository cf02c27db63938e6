import PhoenixCore

/// Writes tar archives of plain files in the POSIX ustar form.
struct TarArchive {
  private(set) var bytes: [UInt8] = []

  /// Adds a file that only its owner may read, until its permissions are set.
  ///
  /// - Parameters:
  ///   - name: A plain name of at most 100 bytes.
  ///   - content: Less than 8 GiB.
  mutating func add(_ name: String, _ content: [UInt8]) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    func octal(_ number: Int, digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put("0000600", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(content.count, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6) + "\u{0} ", at: 148)
    bytes += header
    bytes += content
    bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// Ends the archive.
  mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }
}
