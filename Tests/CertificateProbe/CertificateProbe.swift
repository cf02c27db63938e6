import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// Passes over one certificate in a process of its own, to be killed at its failpoints: one, or for a certificate that
/// opens a door as many as it takes until the door has let the new one in.
///
/// certificate-probe URL ROOT_SHA256 PROVISIONER GUEST_DIRECTORY STATE_DIRECTORY [client|own DOOR_FILE]; the password
/// is read from stdin. The door's file lists the SHA-1 fingerprints of whom it lets in.
@main
enum CertificateProbe {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 6 || words.count == 8, let password = readLine() else { throw Misuse() }
    let url = words[1]
    let client = HTTPClient()
    let stepCA = StepCA(client: client)
    let authority = StepCA.Desired(
      authority: StepCA.Access(url: url, host: "127.0.0.1", rootFingerprint: words[2], provisioner: words[3]))
    let certificates = Certificates(
      client: client,
      keys: Certificates.Keys(
        password: { _ throws(Failure) in Secret(password) }, shell: { () throws(Failure) in shell }),
      stateDirectory: words[5])
    let kind = words.count == 8 ? words[6] : "server"
    let wanted = wanted(kind, below: words[4])
    let desired = Certificates.Desired(
      authority: Certificates.Authority(
        url: url, host: "127.0.0.1", provisioner: words[3], passwordCredential: "password"),
      certificates: [wanted.name: wanted])
    let issuing = StepCA.facts(of: await stepCA.observe(.everything, desired: authority))
    for _ in 0..<4 {
      var facts = Facts(issuing)
      for key in wanted.admissions { facts.publish([key: .known(.list(try admitted(words[7])))]) }
      let observed = await certificates.observe(.everything, desired: desired)
      let now = HostClock.system.wall()
      for change in Certificates.diff(desired: desired, observed: observed, facts: facts, now: now) {
        try await certificates.apply(change, desired: desired, observed: observed, facts: facts)
      }
      let after = await certificates.observe(.everything, desired: desired)
      guard Certificates.diff(desired: desired, observed: after, facts: facts, now: now).isEmpty else {
        throw Misuse()
      }
      guard !wanted.admissions.isEmpty else { break }
      try letIn(Certificates.facts(of: after)[.clientFingerprints(wanted.name)], words[7])
    }
    print("converged")
  }

  private static func admitted(_ door: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: door) else { return [] }
    return String(decoding: try Data(contentsOf: URL(filePath: door)), as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }

  private static func letIn(_ published: Reading<FactValue>?, _ door: String) throws {
    guard case .known(.list(let leaves)) = published else { throw Misuse() }
    try Data(leaves.joined(separator: "\n").utf8).write(to: URL(filePath: door), options: .atomic)
  }

  struct Misuse: Error {}

  /// The guest is this machine.
  private static var shell: Shell {
    let configuration = ShellConfiguration(
      keyPath: "/nonexistent", knownHostsPath: "/nonexistent", controlDirectory: "/tmp/phoenix-test-control")
    return Shell(configuration) { command throws(Failure) in
      try await Processes.run(
        ProcessCommand(
          ["/bin/sh", "-c", command.argv.last ?? ""], stdin: command.stdin, timeout: command.timeout,
          outputLimit: command.outputLimit))
    }
  }

  private static func wanted(_ kind: String, below guest: String) -> Certificates.DesiredCertificate {
    if kind == "own" {
      let name = "phoenix-client.internal.example"
      return Certificates.DesiredCertificate(
        own: OwnCertificate(name: name, lifetime: nil, location: nil),
        admissions: [.admitted(name, at: .dockerAPI, guest: 1001)])
    }
    let location = Location(file: "certificate-manifest.json", line: 1, column: 1)
    var entry = CertificateEntry(
      commonName: "nginx.internal.example", certificatePath: "\(guest)/etc/nginx.internal.example.crt",
      keyPath: "\(guest)/etc/nginx.internal.example.key", location: location)
    entry.deployments = [
      CertificateDeployment(
        guest: 101, certificatePath: entry.certificatePath, keyPath: entry.keyPath,
        rootPath: "\(guest)/etc/nginx.internal.example.root", location: location)
    ]
    var place = entry.places[0]
    place.base = "\(guest)/base/nginx.internal.example"
    return Certificates.DesiredCertificate(
      place: place,
      login: GuestLogin(guest: 101, name: "Nginx-Phoenix", address: "127.0.0.1", user: "root"),
      names: ["nginx.internal.example", "*.internal.example", "10.0.0.153"],
      use: kind == "client" ? .client : .server,
      admissions: kind == "client" ? [.admitted("nginx.internal.example", at: .dockerAPI, guest: 1001)] : [])
  }
}
