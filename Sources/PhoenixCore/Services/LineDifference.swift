/// The lines in which two texts differ, for people: what stands between their common beginning and end.
struct LineDifference {
  /// How many lines are shown.
  private static let shown = 4
  private static let width = 160

  /// The number of the first line that differs, from 1.
  let line: Int
  /// What stands there.
  let old: [Substring]
  /// What should.
  let new: [Substring]

  init(from old: String, to new: String) {
    let (before, after) = (Self.lines(old), Self.lines(new))
    let common = min(before.count, after.count)
    let head = (0..<common).first { before[$0] != after[$0] } ?? common
    let tail =
      (0..<(common - head)).first { before[before.count - 1 - $0] != after[after.count - 1 - $0] }
      ?? common - head
    line = head + 1
    self.old = Array(before[head..<(before.count - tail)])
    self.new = Array(after[head..<(after.count - tail)])
  }

  /// A field for each line, named `PATH:LINE`; the rest is counted in the last one.
  func fields(of path: String) -> [FieldChange] {
    let count = max(old.count, new.count)
    var fields = (0..<min(count, Self.shown)).map { index in
      FieldChange(
        "\(path):\(line + index)", from: Self.value(old, index), to: Self.value(new, index))
    }
    if count > Self.shown {
      fields.append(
        FieldChange(
          "\(path): further lines", from: .number(max(0, old.count - Self.shown)),
          to: .number(max(0, new.count - Self.shown))))
    }
    return fields
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func value(_ lines: [Substring], _ index: Int) -> FieldValue? {
    guard lines.indices.contains(index) else { return nil }
    let line = lines[index].trimmed
    return .text(line.count > width ? "\(line.prefix(width))..." : String(line))
  }
}
