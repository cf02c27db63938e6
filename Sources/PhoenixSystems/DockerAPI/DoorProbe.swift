import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Looks at a door from outside: whom it shows itself as, whom it lets in, and whom it refuses.
///
/// A refusal comes after the handshake, under TLS 1.3 late: what counts is whether a byte of an answer ever comes.
struct DoorProbe: Sendable {
  let system: DockerAPI
  let door: DockerAPI.Door
  let desired: DockerAPI.Desired

  private var layout: DockerAPI.Layout { desired.layout }
  private var address: String { door.login.address }
  private var target: TLSProbe.Target {
    TLSProbe.Target(address: address, port: UInt16(clamping: layout.port), serverName: address)
  }
  private var url: String { "https://\(host(address)):\(layout.port)/_ping" }

  /// What fresh connections are shown.
  func shown() async -> Reading<ServedLeaves> {
    await ServedLeaves.shown(at: target, timeout: DockerAPI.probeTimeout)
  }

  /// All probes.
  func look() async -> Reading<DockerAPI.DoorState> {
    async let plainPort = plainPorts()
    async let own = own()
    async let guests = guests()
    let leaves: ServedLeaves
    switch await shown() {
    case .known(let value): leaves = value
    case .absent: return .absent
    case .unreadable(let reason): return .unreadable(reason)
    }
    var state = DockerAPI.DoorState(
      fingerprints: leaves.fingerprints, trouble: leaves.trouble,
      nobody: [await nobody(tls12Only: true), await nobody(tls12Only: false)],
      plaintext: await ask("http://\(host(address)):\(layout.port)/_ping"))
    state.plainPort = await plainPort
    state.clients = await own
    for (name, proof) in await guests {
      if name == desired.stranger?.name { state.stranger = proof } else { state.clients[name] = proof }
    }
    return .known(state)
  }

  // MARK: From here

  private func nobody(tls12Only: Bool) async -> DockerAPI.Answer {
    do throws(TransportError) {
      let bytes = try await TLSProbe.answer(
        from: target, to: Array("GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".utf8),
        timeout: DockerAPI.probeTimeout, tls12Only: tls12Only)
      return bytes.isEmpty ? .closed : .answered(Self.status(bytes))
    } catch {
      return Self.answer(error)
    }
  }

  private func ask(
    _ url: String, identity: TLSIdentity? = nil, trust: TLSTrust? = nil,
    timeout: Duration = DockerAPI.probeTimeout
  ) async -> DockerAPI.Answer {
    do throws(TransportError) {
      let response = try await system.client.send(
        HTTPRequest(
          .get, url, headers: [HTTPHeader("Connection", "close")], timeout: timeout,
          maximumBodyBytes: 1 << 16, label: SystemName.dockerAPI.rawValue),
        trust: trust, identity: identity)
      return .answered(response.status)
    } catch {
      return Self.answer(error)
    }
  }

  private func plainPorts() async -> [String: DockerAPI.Answer] {
    let addresses = door.addresses.isEmpty ? [address] : door.addresses
    let answers = await eachConcurrently(addresses, width: DockerAPI.width) { address in
      // A firewall that drops is the usual case, and not worth a long wait at every look. Linux sends the first packet
      // again after a second, so that the loss of one tells nothing.
      await ask("http://\(host(address)):\(layout.plainPort)/_ping", timeout: .milliseconds(1200))
    }
    return Dictionary(zip(addresses, answers)) { first, _ in first }
  }

  /// phoenixd's own certificate.
  private func own() async -> [String: DockerAPI.Proof] {
    guard let own = desired.clients.first(where: { $0.isOwn }) else { return [:] }
    do throws(Failure) {
      let (identity, trust) = try await system.identity(own.name)
      let leaf = try? CertificateChain(pem: identity.certificateChainPEM).leaf
      return [
        own.name: DockerAPI.Proof(
          leaf: leaf?.sha1, answers: [await ask(url, identity: identity, trust: trust)])
      ]
    } catch {
      return [own.name: DockerAPI.Proof(leaf: nil, answers: [.untried(error.got)])]
    }
  }

  // MARK: From the clients' guests

  /// Clients in guests, and the stranger, each from its own guest with its own files: one round trip a guest.
  private func guests() async -> [(String, DockerAPI.Proof)] {
    let clients = desired.clients + [desired.stranger].compactMap { $0 }
    let homes = Dictionary(grouping: clients.filter { $0.home != nil }) { $0.home?.login }
    let groups = homes.compactMap { login, clients in login.map { ($0, clients) } }.sorted {
      $0.0.guest < $1.0.guest
    }
    let proofs = await eachConcurrently(groups, width: DockerAPI.width) { login, clients in
      zip(clients.map(\.name), await prove(clients, login)).map { ($0, $1) }
    }
    return proofs.flatMap { $0 }
  }

  private func prove(_ clients: [DockerAPI.Client], _ login: GuestLogin) async -> [DockerAPI.Proof] {
    func untried(_ reason: String) -> [DockerAPI.Proof] {
      clients.map { _ in DockerAPI.Proof(leaf: nil, answers: [.untried(reason)]) }
    }
    let files = clients.compactMap(\.home?.place).flatMap {
      [$0.certificatePath, $0.keyPath, $0.deliveredRoot]
    }
    do throws(Failure) {
      for path in files { try RemotePath.check(path) }
      let result = try await system.channel().run(
        ShellTarget(login), argv: ["sh", "-c", DockerScripts.prove, "phoenix", url] + files,
        timeout: system.commandTimeout)
      guard result.status.isSuccess, let proofs = Self.proofs(result.stdout, count: clients.count) else {
        return untried("\(login.endpoint): \(result.account)")
      }
      return proofs
    } catch {
      return untried(error.description)
    }
  }

  // MARK: What came

  /// Reads what the script printed; nil for anything else.
  static func proofs(_ bytes: [UInt8], count: Int) -> [DockerAPI.Proof]? {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count == count * 3 + 2, fields.suffix(2) == ["end", ""] else { return nil }
    return (0..<count).map { index in
      let leaf = fields[index * 3].lowercased().filter { $0 != ":" }
      return DockerAPI.Proof(
        leaf: leaf.isEmpty ? nil : leaf,
        answers: fields[index * 3 + 1...index * 3 + 2].map { answer(curl: $0) })
    }
  }

  /// curl's exit status, and the HTTP status that it saw.
  private static func answer(curl text: String) -> DockerAPI.Answer {
    let words = text.split(separator: " ")
    guard let exit = words.first.flatMap({ Int($0) }) else { return .untried("curl says nothing") }
    switch exit {
    case 0: return .answered(words.count > 1 ? Int(words[1]) ?? 0 : 0)
    // The handshake is refused, or the connection ends in it or after it.
    case 35, 52, 55, 56: return .closed
    // Something came that is no HTTP.
    case 1, 8: return .answered(0)
    case 7: return .unreachable("nobody listens there (curl 7)")
    case 28: return .unreachable("no answer in time (curl 28)")
    case 58: return .untried("its certificate or key cannot be read (curl 58)")
    case 60: return .untried("the server's certificate is not trusted by its root (curl 60)")
    case 77: return .untried("its root certificate cannot be read (curl 77)")
    case 127: return .untried("curl is not installed in its guest")
    default: return .untried("curl \(exit)")
    }
  }

  private static func answer(_ error: TransportError) -> DockerAPI.Answer {
    switch error.kind {
    case .refused, .timeout, .resolve: .unreachable(error.text)
    case .reset, .tls: .closed
    case .tooLarge: .answered(0)
    case .cancelled, .socketDenied, .socketMissing, .invalidRequest: .untried(error.text)
    }
  }

  /// The status of `HTTP/1.1 200 OK`; 0 for anything else.
  static func status(_ bytes: [UInt8]) -> Int {
    let words = String(decoding: bytes.prefix(16), as: UTF8.self).split(separator: " ")
    guard words.count > 1, words[0].hasPrefix("HTTP/") else { return 0 }
    return Int(words[1]) ?? 0
  }

  private func host(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }
}
