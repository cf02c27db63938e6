import PhoenixCore

@testable import PhoenixSystems

/// A manager with its door, and everything about it as it should be.
enum DockerFixtures {
  static let login = GuestLogin(guest: 1001, name: "Portainer", address: "10.0.0.111", user: "phoenix")
  static let ownName = "phoenix-client.internal.example"
  static let traefikName = "traefik-client.internal.example"
  static let leaves = [ownName: [leaf("1")], traefikName: [leaf("2")]]

  static func leaf(_ digit: String) -> String { String(repeating: digit, count: 40) }

  static func place(_ name: String, guest: Int, use: CertificateConsumer?) -> CertificatePlace {
    let base = "/etc/phoenix-docker/tls"
    var entry = CertificateEntry(
      commonName: name, certificatePath: "\(base)/server.crt", keyPath: "\(base)/server.key",
      location: CertificateFixtures.location)
    entry.deployments = [
      CertificateDeployment(
        guest: guest, certificatePath: entry.certificatePath, keyPath: entry.keyPath,
        rootPath: "\(base)/root.crt",
        consumer: use, location: entry.location)
    ]
    return entry.places[0]
  }

  static var door: DockerAPI.Door {
    DockerAPI.Door(
      login: login,
      place: place("docker-daemon.internal.example", guest: 1001, use: .dockerAPI))
  }

  static var desired: DockerAPI.Desired {
    let traefik = GuestLogin(guest: 102, name: "Traefik", address: "10.0.0.12", user: "root")
    let gateway = GuestLogin(guest: 101, name: "Nginx", address: "10.0.0.153", user: "root")
    return DockerAPI.Desired(
      engines: [1001: DockerAPI.Engine(login: login, addresses: ["10.0.0.111"])], doors: [1001: door],
      clients: [
        DockerAPI.Client(name: ownName, commonName: ownName, isOwn: true),
        DockerAPI.Client(
          name: traefikName, commonName: traefikName,
          home: DockerAPI.Client.Home(
            login: traefik, place: place(traefikName, guest: 102, use: .traefik))),
      ],
      stranger: DockerAPI.Client(
        name: "gateway", commonName: "gateway",
        home: DockerAPI.Client.Home(login: gateway, place: place("gateway", guest: 101, use: .nginx))))
  }

  static func engine(_ arguments: [String] = ["-H", "fd://"]) -> DockerAPI.EngineState {
    let words = ["/usr/sbin/dockerd"] + arguments
    return DockerAPI.EngineState(
      unit: DockerAPI.UnitState(active: "active", mainProcess: 400),
      configured: ExecStart(program: words[0], words: words), running: words,
      socketListens: ["/run/docker.sock"])
  }

  static func files(_ leaves: [String: [String]], _ desired: DockerAPI.Desired, _ door: DockerAPI.Door)
    -> ProxyFiles
  {
    ProxyFiles(
      layout: desired.layout, door: door, admitted: desired.clients.map { ($0, leaves[$0.name] ?? []) },
      program: "/usr/sbin/nginx", module: .file("/usr/lib/nginx/modules/ngx_stream_module.so"), hasIPv6: true)
  }

  /// A proxy that lets some leaves in.
  static func proxy(
    _ leaves: [String: [String]] = leaves, _ desired: DockerAPI.Desired = desired,
    _ door: DockerAPI.Door = door
  ) -> DockerAPI.ProxyState {
    let files = files(leaves, desired, door)
    return DockerAPI.ProxyState(
      unit: DockerAPI.UnitState(active: "active", isEnabled: true, mainProcess: 500), program: files.program,
      module: files.module, hasIPv6: true,
      loaded: DockerAPI.LoadedConfiguration(
        hash: files.hash,
        admitted: Dictionary(files.admitted.map { ($0.client.name, $0.leaves) }) { first, _ in first }),
      files: ServiceFilesState(files.files), clients: desired.clients.map(\.name))
  }

  /// A door that shows `served`, and lets the declared clients in with their first leaves.
  static func seen(
    _ leaves: [String: [String]] = leaves, _ desired: DockerAPI.Desired = desired, served: String = "served"
  ) -> DockerAPI.DoorState {
    DockerAPI.DoorState(
      fingerprints: [served],
      stranger: CertificateProof(leaf: leaf("9"), answers: [.closed, .closed]),
      clients: Dictionary(
        desired.clients.map {
          ($0.name, CertificateProof(leaf: leaves[$0.name]?.first, answers: [.answered(200)]))
        }
      ) { first, _ in first })
  }

  static var right: DockerAPI.Observed {
    DockerAPI.Observed(
      nodes: [1001: .known(DockerAPI.NodeState(engine: engine(), proxy: proxy(), listeners: [ours]))],
      doors: [1001: .known(seen())], plainPorts: [1001: ["10.0.0.111": .unreachable("refused")]])
  }

  static let ours = DockerAPI.Listener(
    address: "0.0.0.0", port: 2376, names: ["nginx"], processes: [500, 501])

  static func facts(_ leaves: [String: [String]] = leaves) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [
      FactKey("certificate.fingerprint", of: "docker-daemon.internal.example"): .known(.text("served"))
    ]
    for (name, leaves) in leaves {
      facts[.clientFingerprints(name)] = .known(.list(leaves))
      facts[.recordedFingerprints(name)] = .known(.list(leaves + (Self.leaves[name] ?? [])))
    }
    return facts
  }
}
