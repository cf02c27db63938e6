/// Finds what in a file is not of its shape. All of it, in one run.
struct ShapeCheck {
  /// Findings of one file beyond this are not listed, which bounds the time for a file of nothing but mistakes.
  static let findingLimit = 1000

  private(set) var findings: [Finding] = []

  /// What is wrong with a file.
  static func findings(in root: Node, of shape: Shape) -> [Finding] {
    var check = ShapeCheck()
    check.examine(root, as: shape, called: nil, isSecret: false)
    return check.findings
  }

  private mutating func add(_ finding: Finding) {
    if findings.count < Self.findingLimit {
      findings.append(finding)
    } else if findings.count == Self.findingLimit {
      findings.append(
        Finding(
          .error, at: finding.location, "there is more wrong with this file; it is not listed",
          hint: "mend what is listed, and the rest is told"))
    }
  }

  private mutating func examine(_ node: Node, as shape: Shape, called name: String?, isSecret: Bool) {
    guard findings.count <= Self.findingLimit else { return }
    switch shape {
    case .array(let element):
      guard case .array(let elements) = node.content else { break }
      for node in elements { examine(node, as: element, called: name, isSecret: isSecret) }
      return
    case .map(let format, let value, let named):
      guard case .object(let members) = node.content else { break }
      for member in members { examineEntry(member, format, value, named) }
      return
    case .object(let object):
      guard case .object(let members) = node.content else { break }
      examine(members, as: object, at: node.location, called: name)
      return
    case .either(let shapes):
      guard let match = shapes.first(where: { $0.isPossible(for: node) }) else { break }
      examine(node, as: match, called: name, isSecret: isSecret)
      return
    default: if shape.accepts(node) { return }
    }
    let found = isSecret ? "something else" : node.descriptionForPeople
    add(
      Finding(
        .error, at: node.location,
        "\(name.map { "\($0): " } ?? "")expected \(shape.expectation), found \(found)",
        hint: shape.hint(for: node)))
  }

  private mutating func examineEntry(
    _ member: Node.Member, _ format: TextFormat, _ value: Shape, _ named: [ShapeKey]
  ) {
    if let key = named.first(where: { $0.name == member.key }) {
      examine(member.value, as: key.shape, called: key.name, isSecret: key.isSecret)
      return
    }
    if !format.accepts(member.key) {
      add(
        Finding(
          .error, at: member.keyLocation,
          "expected \(format.expectation), found \(member.key.quotedForPeople)",
          hint: "write the key so, or take the entry out"))
    }
    examine(member.value, as: value, called: member.key.escapedForTerminals, isSecret: false)
  }

  private mutating func examine(
    _ members: [Node.Member], as object: ObjectShape, at location: Location, called name: String?
  ) {
    var unknown: [Node.Member] = []
    for member in members {
      guard let key = object[member.key] else {
        // Editors find the schema by it, in any object.
        if member.key != "$schema" { unknown.append(member) }
        continue
      }
      if case .null = member.value.content {
        add(
          Finding(
            .warning, at: member.value.location, "\(key.name): null is the same as no value",
            hint: "leave the key out"))
        continue
      }
      examine(member.value, as: key.shape, called: key.name, isSecret: key.isSecret)
    }
    noteUnknown(unknown, among: object, beside: members)
    for key in object.keys where key.isRequired && !members.contains(where: { $0.key == key.name }) {
      add(
        Finding(
          .error, at: location, "\(name.map { "\($0): " } ?? "")the key \"\(key.name)\" is missing",
          hint: key.meaning))
    }
  }

  private mutating func noteUnknown(
    _ unknown: [Node.Member], among object: ObjectShape, beside: [Node.Member]
  ) {
    guard !unknown.isEmpty else { return }
    // A key that is not there yet is more likely meant than one that is.
    let used = Set(beside.lazy.map(\.key).filter { object[$0] != nil })
    let unused = KnownNames(object.keys.lazy.map(\.name).filter { !used.contains($0) })
    let all = KnownNames(object.keys.lazy.map(\.name))
    let known =
      object.keys.count <= 10
      ? "known here: \(object.keys.map(\.name).joined(separator: ", "))"
      : "take it out; the schemas in /usr/share/phoenix/schema list what is known"
    for member in unknown where findings.count <= Self.findingLimit {
      let nearest = unused.nearest(to: member.key) ?? all.nearest(to: member.key)
      if object.isOpen, nearest == nil { continue }
      add(
        Finding(
          .warning, at: member.keyLocation,
          "the key \(member.key.quotedForPeople) is not known here and has no effect",
          hint: nearest.map { "did you mean \"\($0)\"?" } ?? known))
    }
  }
}
