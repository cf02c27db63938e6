/// One certificate in one guest: issued, delivered and activated as one, with a key that no other guest has.
///
/// The files of a certificate are `BASE/generations/GENERATION/{cert,key,ca}.pem`; `BASE/current` leads to the
/// generation in use, and the paths of the manifest are symbolic links through it.
public struct CertificatePlace: Sendable, Hashable, Codable {
  /// Where all certificates of a guest lie.
  public static let directory = "/var/lib/phoenix-certificates"
  /// The certificate with its intermediates, below a generation.
  public static let certificateFile = "cert.pem"
  /// The key, below a generation.
  public static let keyFile = "key.pem"
  /// The CA's root, below a generation.
  public static let rootFile = "ca.pem"

  /// The common name; with `@GUEST` behind it when the certificate goes to several places.
  public let name: String
  /// The certificate's first name.
  public let commonName: String
  /// The guest.
  public let guest: Int
  /// The directory of its generations in the guest.
  public var base: String
  /// File of the certificate.
  public let certificatePath: String
  /// File of the key.
  public let keyPath: String
  /// File of the root certificate; nil when nobody wants it.
  public let rootPath: String?
  /// Owner of the files.
  public let owner: FileOwner
  /// Permissions of the key.
  public let mode: FileMode
  /// Who uses it.
  public let consumer: CertificateConsumer?
  /// Where the new certificate must be served; nil where the consumer's usual port is meant.
  public let probe: HostAndPort?
  /// Where it is declared.
  public let location: Location

  /// A file of one generation: it never changes, whoever makes the paths of the manifest lead elsewhere.
  public func path(of file: String, in generation: String) -> String {
    "\(base)/generations/\(generation)/\(file)"
  }

  /// A file of the generation in use, by a way that is ours alone.
  public func currentPath(of file: String) -> String { "\(base)/current/\(file)" }

  /// The root beside the certificate: where the manifest wants it, or else in the generation in use.
  public var deliveredRoot: String { rootPath ?? currentPath(of: Self.rootFile) }

  /// The resource that stands for its files.
  public var resource: ResourceID { ResourceID(.certificates, "certificate", name) }
}

extension CertificateEntry {
  /// Where the certificate goes in guests; none when its paths are the host's.
  public var places: [CertificatePlace] {
    let declared = deployments.isEmpty ? [implicitDeployment].compactMap { $0 } : deployments
    var names: Set<String> = []
    return declared.map { deployment in
      let plain = declared.count == 1 ? commonName : "\(commonName)@\(deployment.guest)"
      var (name, number) = (plain, 1)
      while !names.insert(name).inserted {
        number += 1
        name = "\(plain).\(number)"
      }
      return place(deployment, name: name)
    }
  }

  private func place(_ deployment: CertificateDeployment, name: String) -> CertificatePlace {
    let folder = String(name.map { $0 == "*" ? "_" : $0 })
    return CertificatePlace(
      name: name, commonName: commonName, guest: deployment.guest,
      base: "\(CertificatePlace.directory)/\(folder)", certificatePath: deployment.certificatePath,
      keyPath: deployment.keyPath, rootPath: deployment.rootPath, owner: deployment.owner,
      mode: deployment.mode, consumer: deployment.consumer, probe: deployment.probe,
      location: deployment.location)
  }

  /// What an entry with a guest and without `deploy` means.
  private var implicitDeployment: CertificateDeployment? {
    guard let guest else { return nil }
    let folder = certificatePath.split(separator: "/").dropLast().joined(separator: "/")
    return CertificateDeployment(
      guest: guest, certificatePath: certificatePath, keyPath: keyPath,
      rootPath: includesRoot ? "/\(folder.isEmpty ? "" : folder + "/")ca.pem" : nil, owner: owner,
      mode: mode, consumer: renewalCommand?.recognisedConsumer, location: location)
  }
}
