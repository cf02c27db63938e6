public import PhoenixCore

extension StepCA {
  /// Which authority there should be.
  public struct Desired: Codable, Equatable, Sendable {
    /// The authority; nil when the files name none.
    public var authority: Access?

    /// Creates a desired state.
    public init(authority: Access?) { self.authority = authority }
  }

  /// How the authority is reached and recognised.
  public struct Access: Codable, Equatable, Sendable {
    /// Its address, such as `https://10.0.0.10:9000`.
    public var url: String
    /// Its host, which names the resource and its facts.
    public var host: String
    /// SHA-256 of its root's DER in hexadecimal; nil when nobody said it.
    public var rootFingerprint: String?
    /// The name of the provisioner; nil when no file says it.
    public var provisioner: String?

    /// Creates an access.
    public init(url: String, host: String, rootFingerprint: String?, provisioner: String?) {
      self.url = url
      self.host = host
      self.rootFingerprint = rootFingerprint
      self.provisioner = provisioner
    }

    /// The resource that stands for it.
    public var resource: ResourceID { ResourceID(.stepCA, "authority", host) }
  }

  /// Makes the desired state out of the users' files.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    let settings = inventory.settings.stepCA
    guard let url = settings.url, let host = settings.host else {
      let isWanted = !inventory.certificates.isEmpty
      return Compiled(
        Desired(authority: nil), resources: [],
        findings: isWanted
          ? [
            Finding(
              .warning, at: nodes.daemon?.location,
              "no address of Step-CA is known, so no certificate is issued",
              hint: "set step_ca.url in phoenixd.json, or declare the guest that runs it")
          ] : [])
    }
    let access = Access(
      url: url, host: host, rootFingerprint: settings.rootFingerprint?.lowercased(),
      provisioner: settings.provisioner)
    let location = nodes.daemon?["step_ca"]?.location ?? inventory.certificateAuthority?.location
    return Compiled(
      Desired(authority: access), resources: [DeclaredResource(access.resource, at: location)],
      findings: findings(for: access, at: location))
  }

  private static func findings(for access: Access, at location: Location?) -> [Finding] {
    var findings: [Finding] = []
    if access.rootFingerprint == nil {
      findings.append(
        Finding(
          .warning, at: location, resource: access.resource,
          "step_ca.root_fingerprint is not set, so Step-CA cannot be told from an impostor and is not used",
          hint: "on the CA: step certificate fingerprint root_ca.crt; write it into phoenixd.json"))
    }
    if access.provisioner == nil {
      findings.append(
        Finding(
          .warning, at: location, resource: access.resource,
          "no provisioner of Step-CA is named, so no certificate can be asked for",
          hint: "set step_ca.provisioner in phoenixd.json"))
    }
    return findings
  }
}
