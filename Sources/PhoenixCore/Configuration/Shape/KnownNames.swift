/// Known names, for finding the one that a misspelling means.
struct KnownNames {
  private let names: [(name: String, letters: [UInt8])]

  /// Prepares names, so that many misspellings can be looked up.
  init(_ names: some Sequence<String>) { self.names = names.map { ($0, Self.letters(of: $0)) } }

  /// The name that a misspelling most likely means: at most a third of its length away, and at most 3.
  func nearest(to name: String) -> String? {
    guard (2...64).contains(name.utf8.count) else { return nil }
    let written = Self.letters(of: name)
    var best: (name: String, distance: Int)?
    for known in names {
      let limit = min(3, max(1, known.letters.count / 3), (best?.distance ?? 4) - 1)
      guard limit >= 0, abs(known.letters.count - written.count) <= limit else { continue }
      let distance = Self.distance(written, known.letters)
      if distance <= limit { best = (known.name, distance) }
    }
    return best?.name
  }

  /// Small letters; hyphens and camel case are no distance.
  private static func letters(of name: String) -> [UInt8] {
    name.utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }.map { byte in
      (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
    }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
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
