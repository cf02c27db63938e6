/// Certificates as people read them.
public enum CertificateText {
  /// Writes a line a certificate.
  public static func list(_ certificates: [CertificateReport], style: TextStyle = .plain) -> String {
    let rows = certificates.map { certificate in
      [
        certificate.name.escapedForTerminals, StatusText.word(certificate.status.state),
        certificate.notAfter.map { "expires \($0)" } ?? "no certificate known",
        (certificate.status.detail ?? "").escapedForTerminals,
      ]
    }
    guard !rows.isEmpty else { return "The files declare no certificates.\n" }
    return TableText.render(rows, indent: "").joined(separator: "\n") + "\n"
  }

  /// Writes everything about one certificate.
  public static func show(_ certificate: CertificateReport, style: TextStyle = .plain) -> String {
    var lines = [
      "\(style.bold(certificate.name.escapedForTerminals)): \(StatusText.word(certificate.status.state)) "
        + "since \(certificate.status.since)"
    ]
    let facts = [
      ("why", certificate.status.detail), ("expires", certificate.notAfter),
      ("fingerprint", certificate.fingerprint), ("generation", certificate.generation),
    ]
    lines += facts.compactMap { name, value in value.map { "  \(name): \($0.escapedForTerminals)" } }
    let others = certificate.doors.map { ("let in by", $0) } + certificate.consumers.map { ("used by", $0) }
    lines += others.map { relation, other in
      let detail = other.detail.map { ": \($0.escapedForTerminals)" } ?? ""
      return "  \(relation): \(other.resource.description.escapedForTerminals) "
        + "(\(StatusText.word(other.state))\(detail))"
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
