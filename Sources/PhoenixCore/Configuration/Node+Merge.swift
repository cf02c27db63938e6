extension Node {
  /// The value with another one laid over it: objects are merged key by key, everything else is replaced.
  ///
  /// - Parameter other: What wins.
  /// - Returns: The merged value; each part keeps the place it came from.
  public func merged(with other: Node) -> Node {
    guard case .object(var members) = content, case .object(let others) = other.content else { return other }
    let positions = Dictionary(members.enumerated().map { ($1.key, $0) }) { first, _ in first }
    for member in others {
      if let index = positions[member.key] {
        let merged = members[index].value.merged(with: member.value)
        members[index] = Member(key: member.key, keyLocation: member.keyLocation, value: merged)
      } else {
        members.append(member)
      }
    }
    return Node(.object(members), at: location)
  }
}
