extension Sequence<Finding> {
  /// The findings by file, line and column, those without a place first; at one place the worst first. Each one
  /// once.
  public var inOrder: [Finding] {
    var seen: Set<Finding> = []
    return filter { seen.insert($0).inserted }.sorted { left, right in
      switch (left.location, right.location) {
      case (let left?, let right?) where left != right: left < right
      case (nil, _?): true
      case (_?, nil): false
      default: (right.severity, left.message) < (left.severity, right.message)
      }
    }
  }
}

extension [Finding] {
  /// The first findings of each file, and one that counts the rest and is as bad as the worst of it.
  func limited(to limit: Int) -> [Finding] {
    guard count > limit else { return self }
    var listed: [String?: Int] = [:]
    var rest: [String?: (count: Int, worst: Finding)] = [:]
    let first = filter { finding in
      let file = finding.location?.file
      listed[file, default: 0] += 1
      guard listed[file, default: 0] > limit else { return true }
      let before = rest[file]
      let worst = before.map { $0.worst.severity >= finding.severity ? $0.worst : finding } ?? finding
      rest[file] = ((before?.count ?? 0) + 1, worst)
      return false
    }
    let counts = rest.values.map { count, worst in
      Finding(
        worst.severity, at: worst.location, "\(worst.message); \(count - 1) more findings are not listed",
        hint: worst.hint ?? "mend what is listed, and the rest is told")
    }
    return (first + counts).inOrder
  }
}
