import PhoenixCore
import PhoenixNetwork

extension DockerAPI {
  /// The port without TLS, asked from outside at each of a node's addresses.
  func plainPorts(of engine: Engine, _ layout: Layout) async -> [String: ProbeAnswer] {
    let addresses = engine.addresses.isEmpty ? [engine.login.address] : engine.addresses
    let answers = await eachConcurrently(addresses, width: Self.width) { address in
      // A firewall that drops is the usual case, and not worth a long wait at every look. Linux sends the first packet
      // again after a second, so that the loss of one tells nothing.
      await ask("http://\(address.asURLHost):\(layout.plainPort)/_ping", timeout: .milliseconds(1200))
    }
    return Dictionary(zip(addresses, answers)) { first, _ in first }
  }

  /// Asks a port over HTTP, and tells what came.
  func ask(
    _ url: String, identity: TLSIdentity? = nil, trust: TLSTrust? = nil,
    timeout: Duration = DockerAPI.probeTimeout
  ) async -> ProbeAnswer {
    do throws(TransportError) {
      let response = try await client.send(
        HTTPRequest(
          .get, url, headers: [HTTPHeader("Connection", "close")], timeout: timeout,
          maximumBodyBytes: 1 << 16, label: SystemName.dockerAPI.rawValue),
        trust: trust, identity: identity)
      return .answered(response.status)
    } catch {
      return ProbeAnswer(error)
    }
  }
}
