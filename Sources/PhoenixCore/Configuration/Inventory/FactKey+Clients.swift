extension FactKey {
  /// SHA-1 fingerprints of the leaves that a client may show, in small hexadecimal letters, as servers' allow-lists
  /// name them: the delivered one, then the one that was issued and waits to be let in.
  ///
  /// - Parameter certificate: `CertificatePlace.name`, or `OwnCertificate.name`.
  /// - Returns: The fact's name.
  public static func clientFingerprints(_ certificate: String) -> FactKey {
    FactKey("certificate.client.sha1", of: certificate)
  }

  /// The same leaves in PEM, in the same order.
  public static func clientLeaves(_ certificate: String) -> FactKey {
    FactKey("certificate.client.pem", of: certificate)
  }

  /// SHA-1 fingerprints of all leaves that phoenixd itself had issued for a client and remembers. What a guest says
  /// that it lets in is believed of these alone: whoever is root there can say anything. Absent where there is no record.
  public static func recordedFingerprints(_ certificate: String) -> FactKey {
    FactKey("certificate.recorded.sha1", of: certificate)
  }

  /// The same leaves in PEM, in the same order.
  public static func recordedLeaves(_ certificate: String) -> FactKey {
    FactKey("certificate.recorded.pem", of: certificate)
  }

  /// SHA-1 fingerprints of a certificate's leaves that a door lets in, as it works now.
  public static func admitted(_ certificate: String, at door: GuardedDoor, guest: Int) -> FactKey {
    FactKey("client.admitted", of: "\(door.rawValue)/\(guest) \(certificate)")
  }

  /// The generation of a client certificate that its consumer has loaded, as the consumer itself proves it. Only
  /// consumers that keep a certificate in memory, as nginx does, tell it.
  public static func clientTaken(_ certificate: String) -> FactKey {
    FactKey("client.taken", of: certificate)
  }

  /// Addresses of a swarm service's published port, one for each node that runs a task: `10.0.0.111:8080`.
  ///
  /// - Parameters:
  ///   - service: Its name in the swarm.
  ///   - port: The port within the container.
  /// - Returns: The fact's name.
  public static func swarmServers(_ service: String, port: Int) -> FactKey {
    FactKey("swarm.servers", of: "\(service):\(port)")
  }
}
