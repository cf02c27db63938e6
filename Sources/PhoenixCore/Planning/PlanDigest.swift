/// The digest of a plan: what is to be done to what, under which desired state, and no times.
public enum PlanDigest {
  /// The version of the canonical form.
  static let format = "phoenix-plan-1"

  /// `sha256:` and the digest of the canonical form.
  ///
  /// Every part is written with its length before it, so that no two plans share a form. Held changes are
  /// part of it: an approval is for what was seen.
  public static func of(actions: [Action], held: [HeldChange], desiredDigest: String) -> String {
    var form = CanonicalForm()
    form.add(format)
    form.add(desiredDigest)
    let changes = actions.map(\.change) + held.map(\.change)
    for change in changes.sorted(by: { $0.resource < $1.resource }) { form.add(change) }
    return "sha256:" + SHA256.hexDigest(of: form.bytes)
  }

  /// A short digest of one change, to tell whether it is still the same.
  static func of(_ change: Change) -> String {
    var form = CanonicalForm()
    form.add(change)
    return SHA256.hexDigest(of: form.bytes)
  }
}

private struct CanonicalForm {
  var bytes: [UInt8] = []

  mutating func add(_ text: String) {
    bytes += String(text.utf8.count).utf8
    bytes.append(UInt8(ascii: ":"))
    bytes += text.utf8
  }

  mutating func add(_ change: Change) {
    add(change.resource.description)
    add(change.kind.rawValue)
    add(change.risk.rawValue)
    for required in change.requires.sorted() { add(required.description) }
    for field in change.fields {
      add(field.field)
      add(field.from)
      add(field.to)
      add(field.pendingRestart ? "restart" : "live")
    }
    add("end")
  }

  mutating func add(_ value: FieldValue?) {
    switch value {
    case nil: add("none")
    case .text(let text):
      add("text")
      add(text)
    case .number(let number): add("number \(number)")
    case .flag(let flag): add("flag \(flag)")
    case .list(let list):
      add("list \(list.count)")
      for element in list { add(element) }
    case .sensitive(let tag): add("sensitive \(tag)")
    case .knownAfterApply: add("known after apply")
    }
  }
}
