import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// One pass over one certificate in a process of its own, to be killed at its failpoints.
///
/// certificate-probe URL ROOT_SHA256 PROVISIONER GUEST_DIRECTORY STATE_DIRECTORY; the password is read from stdin.
@main
enum CertificateProbe {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 6, let password = readLine() else { throw Misuse() }
    let (url, guest) = (words[1], words[4])
    let client = HTTPClient()
    let stepCA = StepCA(client: client)
    let authority = StepCA.Desired(
      authority: StepCA.Access(url: url, host: "127.0.0.1", rootFingerprint: words[2], provisioner: words[3]))
    let certificates = Certificates(
      client: client,
      keys: Certificates.Keys(
        password: { _ throws(Failure) in Secret(password) }, shell: { () throws(Failure) in shell }),
      stateDirectory: words[5])
    let desired = Certificates.Desired(
      authority: Certificates.Authority(
        url: url, host: "127.0.0.1", provisioner: words[3], passwordCredential: "password"),
      certificates: ["nginx.internal.example": wanted(below: guest)])
    let facts = Facts(StepCA.facts(of: await stepCA.observe(.everything, desired: authority)))
    let observed = await certificates.observe(.everything, desired: desired)
    let now = HostClock.system.wall()
    for change in Certificates.diff(desired: desired, observed: observed, facts: facts, now: now) {
      try await certificates.apply(change, desired: desired, observed: observed, facts: facts)
    }
    let after = await certificates.observe(.everything, desired: desired)
    guard Certificates.diff(desired: desired, observed: after, facts: facts, now: now).isEmpty else {
      throw Misuse()
    }
    print("converged")
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

  private static func wanted(below guest: String) -> Certificates.DesiredCertificate {
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
      names: ["nginx.internal.example", "*.internal.example", "10.0.0.153"])
  }
}
