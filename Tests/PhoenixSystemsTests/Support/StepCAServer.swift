import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A real step-ca on the loopback, with a root of its own. PHOENIX_TEST_STEPCA names the program.
final class StepCAServer: Sendable {
  static let program = ProcessInfo.processInfo.environment["PHOENIX_TEST_STEPCA"]
  static let provisioner = "admin@phoenix.example"
  /// Opens `encryptedKey`; neither guards anything but a certificate authority that lives for one test.
  static let password = Secret("canary-NcoupSDYFR90QBXnK6bME-w-ELmxf1rT")

  struct Options: Sendable {
    var extraProvisioners = 0
    var encryptedKey = StepCAServer.encryptedKey
    var template: String?
    var disablesRenewal = false
  }

  let directory: TemporaryDirectory
  let port: Int
  let root: Certificate
  private let options: Options

  var url: String { "https://127.0.0.1:\(port)" }

  private init(_ directory: TemporaryDirectory, port: Int, root: Certificate, options: Options) {
    self.directory = directory
    self.port = port
    self.root = root
    self.options = options
  }

  /// Makes an authority; it does not run yet.
  static func make(_ options: Options = Options()) async throws -> StepCAServer {
    let directory = try TemporaryDirectory()
    try directory.make("db")
    let names = ["root", "intermediate"]
    for name in names {
      try await Programs.run([
        "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
        directory.file("\(name).key"),
      ])
      try await Programs.run([
        "openssl", "req", "-new", "-key", directory.file("\(name).key"), "-subj", "/CN=Test \(name) CA",
        "-out",
        directory.file("\(name).csr"),
      ])
    }
    for (name, length) in zip(names, [1, 0]) {
      try directory.write(
        "basicConstraints=critical,CA:TRUE,pathlen:\(length)\nkeyUsage=critical,keyCertSign,cRLSign\n"
          + "subjectKeyIdentifier=hash\n", to: "\(name).ext")
      let signer =
        name == "root"
        ? ["-signkey", directory.file("root.key")]
        : ["-CA", directory.file("root.pem"), "-CAkey", directory.file("root.key"), "-CAcreateserial"]
      try await Programs.run(
        [
          "openssl", "x509", "-req", "-in", directory.file("\(name).csr"), "-days", "3650", "-extfile",
          directory.file("\(name).ext"), "-out", directory.file("\(name).pem"),
        ] + signer)
    }
    let server = StepCAServer(
      directory, port: try Server.freePort(), root: try Certificate(pem: try directory.text("root.pem")),
      options: options)
    try server.configure()
    return server
  }

  private func configure() throws {
    var provisioners = (0..<options.extraProvisioners).map { #"{"type": "ACME", "name": "acme-\#($0)"}"# }
    let template = options.template.map { #", "options": {"x509": {"template": \#(Self.quoted($0))}}"# } ?? ""
    provisioners.append(
      #"""
      {"type": "JWK", "name": "\#(Self.provisioner)", "key": \#(Self.publicKey),
       "encryptedKey": "\#(options.encryptedKey)",
       "claims": {"minTLSCertDuration": "1m", "maxTLSCertDuration": "2160h", "defaultTLSCertDuration": "24h",
                  "disableRenewal": \#(options.disablesRenewal)}\#(template)}
      """#)
    try directory.write(
      #"""
      {"root": "\#(directory.file("root.pem"))", "crt": "\#(directory.file("intermediate.pem"))",
       "key": "\#(directory.file("intermediate.key"))", "address": "127.0.0.1:\#(port)",
       "dnsNames": ["127.0.0.1"], "logger": {"format": "text"},
       "db": {"type": "badgerv2", "dataSource": "\#(directory.file("db"))"},
       "authority": {"provisioners": [\#(provisioners.joined(separator: ",\n"))]},
       "tls": {"minVersion": 1.2, "maxVersion": 1.3, "renegotiation": false}}
      """#, to: "ca.json")
  }

  /// Starts it, and waits until it answers.
  func start() async throws -> Server {
    let program = try #require(Self.program)
    let server = Server(
      ["env", "STEPPATH=\(directory.path)", program, directory.file("ca.json")], output: directory.file("log")
    )
    let client = HTTPClient()
    let isUp = await eventually {
      let request = HTTPRequest(.get, "\(self.url)/health", timeout: .seconds(2), label: "test")
      return (try? await client.send(request, trust: TLSTrust(rootsPEM: self.root.pem)).status) == 200
    }
    await client.shutdown()
    guard isUp else { throw Trouble("step-ca does not start: \((try? directory.text("log")) ?? "")") }
    return server
  }

  /// The requests it answered so far: `METHOD PATH STATUS`.
  var requests: [String] {
    ((try? directory.text("log")) ?? "").split(separator: "\n").compactMap { line in
      func value(_ key: String) -> String? {
        line.split(separator: " ").first { $0.hasPrefix("\(key)=") }.map {
          $0.dropFirst(key.count + 1).filter { $0 != "\"" }
        }
      }
      guard let method = value("method"), let path = value("path"), let status = value("status") else {
        return nil
      }
      return "\(method) \(path) \(status)"
    }
  }

  /// Those that asked it to do something.
  var posts: [String] { requests.filter { $0.hasPrefix("POST") } }

  /// How many requests for certificates it answered, whatever it said.
  func count(_ path: String) -> Int { requests.filter { $0.contains(" \(path) ") }.count }

  private static func quoted(_ text: String) -> String {
    let encoded = (try? JSONEncoder().encode([text])).map { String(decoding: $0, as: UTF8.self) } ?? "[\"\"]"
    return String(encoded.dropFirst().dropLast())
  }

  private static let publicKey = #"""
    {"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256",
     "x": "yUc-ItuQsC9459B_vZWoKKv5skVgaga6u88mrhbbvG4", "y": "NkFdpFLst96U0ABUdSQgE0HfDBkZQ1NfVYiOY3sdbxE", "kid": "uF34jC1eOYlqxzMTZ0wmOXFqiCIM8siYIwNbLr3q8Qw"}
    """#

  /// Under `password`, with 100,000 rounds, as step-ca 0.19 makes it.
  static let encryptedKey = [
    "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjdHkiOiJqd2sranNvbiIsImVuYyI6IkEyNTZHQ00iLCJwMmMiOjEwMDAwMCwi",
    "cDJzIjoiR1RuUWFZa1M0NFVJUVhLR0Z3cTFKUSJ9.Ab5a5FHFXlOSHhXgZgFT1vw_l5yXq1g3rmdJXca17DNanRD_EtFNrA.45EU",
    "i4GR49DDfnpn.uiqIhQaqfn0nnlrEEEa2XmHq3LVGVu1JcCKk7ggNs1lYbMfN_bo_6LfW1_ySjgMajhLigI8dSFlP65P6wcNY29G",
    "Ql5t9WiFW8bCl02ih4evIcrBZPJklMHIEZURFKqywSlv-",
    "mupGK_PHhDL9CvGtCG5oTYUXqYp5-4Pe7p91fTJinhthUopgxIV1jPJsSulmY-",
    "vE9nOALuS_0rW4jFErMy8ecgrBkditkKGki68NeMrrxFEZsx8HLUu4MmW-Itgse0kD1DHbY4Vnd3h2M2kn5w2oafeFLadhUtooFl",
    "tM4R6liUSpHoi_WTuqv89pR1msN2ybQHM1KapjKZy_62A.qOdwSDyUlgPObGdHE-aGeA",
  ].joined()
}
