extension ConfigurationNodes {
  /// SHA-256 of what the files say, in hexadecimal: the same for every way of writing it.
  ///
  /// Secrets count as one constant, so that the digest, which is shown, gives none of them away: a plan tells
  /// two secrets apart by its keyed tags. Compose files are not part of it.
  public var digest: String {
    var text = Array("phoenix desired state 1\n".utf8)
    for part in ConfigurationPart.allCases {
      guard let root = self[part] else { continue }
      text += "\(part.rawValue)\n".utf8
      text += root.withoutSecrets(of: part.shape).canonicalText
      text.append(0x0a)
    }
    return SHA256.hexDigest(of: text)
  }
}

extension Node {
  /// The value with every secret of its shape replaced, and without what only helps editors.
  func withoutSecrets(of shape: Shape) -> Node {
    switch (shape, content) {
    case (.array(let element), .array(let elements)):
      return Node(.array(elements.map { $0.withoutSecrets(of: element) }), at: location)
    case (.map(_, let value, let named), .object(let members)):
      return Node(
        .object(
          members.map { member in
            let shape = named.first { $0.name == member.key }?.shape ?? value
            return Member(
              key: member.key, keyLocation: member.keyLocation, value: member.value.withoutSecrets(of: shape))
          }), at: location)
    case (.object(let object), .object(let members)):
      return Node(
        .object(
          members.compactMap { member in
            guard member.key != "$schema" else { return nil }
            guard let key = object[member.key] else { return member }
            let value =
              key.isSecret
              ? Node(.string("(sensitive)"), at: member.value.location)
              : member.value.withoutSecrets(of: key.shape)
            return Member(key: member.key, keyLocation: member.keyLocation, value: value)
          }), at: location)
    case (.either(let shapes), _):
      guard let match = shapes.first(where: { $0.isPossible(for: self) }) else { return self }
      return withoutSecrets(of: match)
    default: return self
    }
  }
}
