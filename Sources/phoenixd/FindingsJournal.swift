import PhoenixCore
import PhoenixHost

/// Tells the journal what is wrong with the users' files, a line a finding.
enum FindingsJournal {
  static func lines(_ findings: [Finding], id: MessageID?) -> [JournalEvent] {
    findings.inOrder.map { finding in
      var fields: [JournalField: String] = [:]
      fields[.location] = finding.location?.description
      fields[.resource] = finding.resource?.description
      let place = finding.location.map { "\($0): " } ?? ""
      let resource = finding.resource.map { "\($0): " } ?? ""
      let hint = finding.hint.map { " (\($0))" } ?? ""
      return JournalEvent(
        priority(of: finding), "\(place)\(resource)\(finding.message)\(hint)", id: id, fields: fields)
    }
  }

  private static func priority(of finding: Finding) -> JournalPriority {
    switch finding.severity {
    case .note: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
