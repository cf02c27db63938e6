import PhoenixCore
import PhoenixNetwork

/// What the gateway shows and answers to those who come from outside.
extension Nginx {
  /// A name that nobody serves or can have (RFC 2606).
  private static let nobody = "nobody.invalid"

  /// What fresh connections for a name are shown, one after another.
  func shown(
    by host: String, of gateway: Gateway, handshakes: Int = ServedLeaves.handshakes
  ) async -> Reading<ServedLeaves> {
    await ServedLeaves.shown(at: target(host, gateway), handshakes: handshakes, timeout: Self.patience)
  }

  /// What a name that nobody serves is shown: nothing, as it should be.
  func stranger(to gateway: Gateway) async -> Reading<String> {
    do throws(TransportError) {
      let served = try await TLSProbe.handshake(
        target(Self.nobody, gateway), trust: TLSTrust(rootsPEM: ""), timeout: Self.patience)
      return .known(served.chain.leaf.sha256)
    } catch {
      switch error.kind {
      case .refused, .tls, .reset: return .absent
      default: return .unreadable(error.description)
      }
    }
  }

  private func target(_ host: String, _ gateway: Gateway) -> TLSProbe.Target {
    TLSProbe.Target(
      address: gateway.login.address, port: UInt16(clamping: gateway.layout.httpsPort), serverName: host)
  }

  /// What comes through for each name, with our root as the only one that is believed; nothing is asked without.
  func answers(of gateway: Gateway, root: String?) async -> [String: Answer] {
    guard let pin = gateway.rootFingerprint, let root, let all = try? CertificateChain.parse(root),
      let pinned = all.first(where: { $0.sha256 == pin })
    else { return [:] }
    let trust = TLSTrust(rootsPEM: pinned.pem)
    let answers = await eachConcurrently(gateway.hosts, width: Self.width) { host in
      await answer(of: host, by: gateway, trust)
    }
    return Dictionary(zip(gateway.hosts.map(\.name), answers)) { first, _ in first }
  }

  private func answer(of host: Host, by gateway: Gateway, _ trust: TLSTrust) async -> Answer {
    let port = gateway.layout.httpsPort
    let request = HTTPRequest(
      .get, "https://\(host.name):\(port)\(host.isOwn ? GatewayFile.path : "/")", timeout: Self.patience,
      label: Self.name.rawValue, connectingTo: gateway.address)
    do throws(TransportError) {
      // The head is all that is wanted: what comes behind it may never end.
      return .status(try await client.stream(request, trust: trust).status)
    } catch {
      return .none(error.description)
    }
  }
}
