/// A certificate that is kept, as JSON shows it.
public struct CertificateReport: Hashable, Sendable, Codable {
  /// Its name, as its resource has it.
  public let name: String
  /// How its files stand.
  public let status: ResourceReport
  /// When it expires, such as 2026-11-23T04:05:06Z; nil when there is none, or it cannot be read.
  public let notAfter: String?
  /// SHA-256 of the certificate, in hexadecimal.
  public let fingerprint: String?
  /// The generation of files that is in use.
  public let generation: String?
  /// Who uses it, and how each of them stands.
  public let consumers: [ResourceReport]
  /// Who must let a new one in before it is used, and how each of them stands.
  public let doors: [ResourceReport]

  enum CodingKeys: String, CodingKey {
    case name, status, fingerprint, generation, consumers, doors
    case notAfter = "not_after"
  }

  /// Makes the reports of all certificates.
  ///
  /// - Parameters:
  ///   - resources: How all resources stand.
  ///   - facts: What the systems have published.
  ///   - neededBy: What requires each resource.
  ///   - admittedBy: What lets each resource in.
  /// - Returns: The certificates by name.
  public static func list(
    _ resources: [ResourceStatus], facts: Facts, neededBy: [ResourceID: [ResourceID]],
    admittedBy: [ResourceID: [ResourceID]] = [:]
  ) -> [CertificateReport] {
    resources.filter { $0.resource.system == .certificates && $0.resource.kind == "certificate" }
      .map { status in
        let users = neededBy[status.resource] ?? []
        let doors = admittedBy[status.resource] ?? []
        return CertificateReport(
          status, facts: facts, consumers: resources.filter { users.contains($0.resource) },
          doors: resources.filter { doors.contains($0.resource) })
      }
  }

  private init(_ status: ResourceStatus, facts: Facts, consumers: [ResourceStatus], doors: [ResourceStatus]) {
    let name = status.resource.name
    let fact = { (key: String) in facts[FactKey("certificate.\(key)", of: name)].value }
    self.name = name
    self.status = ResourceReport(status)
    if case .number(let time)? = fact("notAfter") {
      notAfter = WallTime(seconds: Int64(time)).utcText
    } else {
      notAfter = nil
    }
    if case .text(let text)? = fact("fingerprint") { fingerprint = text } else { fingerprint = nil }
    if case .text(let text)? = fact("generation") { generation = text } else { generation = nil }
    self.consumers = consumers.map { ResourceReport($0) }
    self.doors = doors.map { ResourceReport($0) }
  }
}
