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
  private var url: String { "https://\(address.asURLHost):\(layout.port)/_ping" }

  /// What fresh connections are shown.
  func shown() async -> Reading<ServedLeaves> {
    await ServedLeaves.shown(at: target, timeout: DockerAPI.probeTimeout)
  }

  /// All probes.
  func look() async -> Reading<DockerAPI.DoorState> {
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
      plaintext: await system.ask("http://\(address.asURLHost):\(layout.port)/_ping"))
    state.clients = await own
    for (name, proof) in await guests {
      if name == desired.stranger?.name { state.stranger = proof } else { state.clients[name] = proof }
    }
    return .known(state)
  }

  // MARK: From here

  private func nobody(tls12Only: Bool) async -> ProbeAnswer {
    do throws(TransportError) {
      let bytes = try await TLSProbe.answer(
        from: target, to: Array("GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".utf8),
        timeout: DockerAPI.probeTimeout, tls12Only: tls12Only)
      return bytes.isEmpty ? .closed : .answered(Self.status(bytes))
    } catch {
      return ProbeAnswer(error)
    }
  }

  /// phoenixd's own certificate.
  private func own() async -> [String: CertificateProof] {
    guard let own = desired.clients.first(where: { $0.isOwn }) else { return [:] }
    do throws(Failure) {
      let (identity, trust) = try await system.identity(own.name)
      let leaf = try? CertificateChain(pem: identity.certificateChainPEM).leaf
      return [
        own.name: CertificateProof(
          leaf: leaf?.sha1, answers: [await system.ask(url, identity: identity, trust: trust)])
      ]
    } catch {
      return [own.name: CertificateProof(leaf: nil, answers: [.untried(error.got)])]
    }
  }

  // MARK: From the clients' guests

  /// Clients in guests, and the stranger, each from its own guest with its own files: one round trip a guest.
  private func guests() async -> [(String, CertificateProof)] {
    let clients = desired.clients + [desired.stranger].compactMap { $0 }
    let homes = Dictionary(grouping: clients.filter { $0.home != nil }) { $0.home?.login }
    let groups = homes.compactMap { login, clients in login.map { ($0, clients) } }.sorted {
      $0.0.guest < $1.0.guest
    }
    let proofs = await eachConcurrently(groups, width: DockerAPI.width) { login, clients in
      zip(clients.map(\.name), await show(clients, from: login)).map { ($0, $1) }
    }
    return proofs.flatMap { $0 }
  }

  private func show(_ clients: [DockerAPI.Client], from login: GuestLogin) async -> [CertificateProof] {
    do throws(Failure) {
      return await GuestProbe(shell: try await system.channel(), timeout: system.commandTimeout).show(
        clients.compactMap(\.home?.place), from: login, to: url, at: address.asURLHost)
    } catch {
      return clients.map { _ in CertificateProof(leaf: nil, answers: [.untried(error.description)]) }
    }
  }

  /// The status of `HTTP/1.1 200 OK`; 0 for anything else.
  static func status(_ bytes: [UInt8]) -> Int {
    let words = String(decoding: bytes.prefix(16), as: UTF8.self).split(separator: " ")
    guard words.count > 1, words[0].hasPrefix("HTTP/") else { return 0 }
    return Int(words[1]) ?? 0
  }
}
