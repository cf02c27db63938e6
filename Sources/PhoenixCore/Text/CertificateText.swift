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
    lines += certificate.consumers.map { consumer in
      let detail = consumer.detail.map { ": \($0.escapedForTerminals)" } ?? ""
      return "  used by: \(consumer.resource.description.escapedForTerminals) "
        + "(\(StatusText.word(consumer.state))\(detail))"
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
