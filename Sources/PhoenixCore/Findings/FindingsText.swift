/// Findings as people read them.
public enum FindingsText {
  /// Writes findings as compilers do, one after another.
  ///
  /// - Parameter findings: In the order in which they are to be read.
  /// - Returns: `file:line:column: severity: message` and an indented `hint: ...` each; with a line break at the
  ///   end, empty without findings. Nothing in it can drive a terminal.
  public static func render(_ findings: [Finding]) -> String {
    findings.map { finding in
      let place = finding.location.map { "\($0): " } ?? ""
      let resource = finding.resource.map { "\($0): " } ?? ""
      let line = "\(place)\(finding.severity.rawValue): \(resource)\(finding.message)".escapedForTerminals
      return line + "\n" + (finding.hint.map { "  hint: \($0.escapedForTerminals)\n" } ?? "")
    }.joined()
  }

  /// Counts findings in words, such as `2 errors, 1 warning`; `no errors, no warnings` for none. Notes do not count.
  public static func summary(_ findings: [Finding]) -> String {
    let errors = findings.count { $0.severity == .error }
    let warnings = findings.count { $0.severity == .warning }
    let words = [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
      .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }
    return words.isEmpty ? "no errors, no warnings" : words.joined(separator: ", ")
  }
}
