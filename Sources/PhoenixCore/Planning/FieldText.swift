/// How values of fields are written for people.
public enum FieldText {
  /// The value as plans show it; secrets never.
  public static func of(_ value: FieldValue?) -> String {
    switch value {
    case nil: "(none)"
    case .text(let text): text
    case .number(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .list(let list): "[" + list.joined(separator: ", ") + "]"
    case .sensitive: "(sensitive)"
    case .knownAfterApply: "(known after apply)"
    }
  }
}
