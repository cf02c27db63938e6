/// How far a misspelt key is from a known one.
enum EditDistance {
  /// The known name that a misspelling most likely means.
  ///
  /// - Parameters:
  ///   - name: What was written.
  ///   - candidates: The names that are known where it stands.
  /// - Returns: The nearest name, when it is near enough to be meant: a third of its length away, at most 3.
  static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let written = normalised(name)
    guard (2...64).contains(written.count) else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let known = normalised(candidate)
      let limit = min(3, max(1, known.count / 3), (best?.distance ?? 4) - 1)
      guard limit >= 0, abs(known.count - written.count) <= limit else { continue }
      let distance = distance(written, known)
      if distance <= limit { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Small letters; hyphens and camel case are no distance.
  private static func normalised(_ name: String) -> [UInt8] {
    name.utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }.map { byte in
      (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
    }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var (beforeLast, last) = ([Int](), Array(0...right.count))
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (byte == other ? 0 : 1))
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
