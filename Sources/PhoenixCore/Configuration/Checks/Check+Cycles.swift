extension ConfigurationCheck {
  /// Guests that wait for themselves, by dependencies and by what they are cloned from.
  ///
  /// Each run through a cycle is told once, named in order. Without recursion: chains may be long.
  func cycles() -> [Finding] {
    var edges: [Int: [Int]] = [:]
    for guest in inventory.guests {
      edges[guest.id] = guest.dependencies + (guest.cloneSource.map { [$0] } ?? [])
    }
    var findings: [Finding] = []
    var isDone: [Int: Bool] = [:]  // false while on the path
    for start in inventory.guests where isDone[start.id] == nil {
      var path: [(id: Int, next: Int)] = [(start.id, 0)]
      isDone[start.id] = false
      while let (id, next) = path.last {
        guard let targets = edges[id], next < targets.count else {
          isDone[id] = true
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let target = targets[next]
        switch isDone[target] {
        case nil where edges[target] != nil:
          isDone[target] = false
          path.append((target, 0))
        case false? where findings.count == Self.cyclesTold: return findings
        case false?: findings.append(cycle(path.map(\.id), backTo: target))
        default: break
        }
      }
    }
    return findings
  }

  /// To find them all takes as long as there are guests in them, each time; who mends some sees the rest.
  private static let cyclesTold = 20

  private func cycle(_ path: [Int], backTo target: Int) -> Finding {
    let members = path[(path.firstIndex(of: target) ?? 0)...]
    // From the smallest number on, so that the same cycle reads the same whatever the order of the file.
    let smallest = members.min() ?? target
    let turn = members.firstIndex(of: smallest) ?? members.startIndex
    let ordered = Array(members[turn...]) + Array(members[..<turn]) + [smallest]
    let shown =
      ordered.count <= 12
      ? ordered.map(String.init)
      : ordered.prefix(6).map(String.init) + ["..."] + ordered.suffix(5).map(String.init)
    return Finding(
      .error, at: edge(from: ordered[0], to: ordered[1]),
      "these guests wait for one another: \(shown.joined(separator: " -> "))",
      hint: "take one of the dependencies out")
  }

  /// Where a guest names another.
  private func edge(from id: Int, to other: Int) -> Location? {
    guard let guest = firstGuest[id] else { return nil }
    let named =
      (guest.node["dependencies"]?.elements ?? [])
      + ["clone_from_ctid", "clone_from_vmid"].compactMap { guest.node[$0] }
    return named.first { $0.guestID == other }?.location ?? guest.location
  }
}
