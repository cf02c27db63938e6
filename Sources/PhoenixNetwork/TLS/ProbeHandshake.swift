import COpenSSL
import Glibc
import PhoenixCore

/// One probe: everything it needs, and its work on a thread that may block.
struct ProbeHandshake: Sendable {
  let target: TLSProbe.Target
  let trust: TLSTrust
  let identity: TLSIdentity?
  let deadline: ContinuousClock.Instant
  let tls12Only: Bool

  /// How long a server that asked for our certificate may take to refuse it after a TLS 1.3 handshake.
  private static let refusalTime = Duration.milliseconds(500)

  func run(_ cancellation: ProbeCancellation) -> Result<TLSProbe.Served, TransportError> {
    connected(cancellation) { connection, socket, asked throws(TransportError) in
      var refusal = try shakeHands(connection, socket)
      let chain = try served(connection, orElse: refusal)
      if refusal == nil, asked.pointee, SSL_version(connection.raw) == TLS1_3_VERSION {
        refusal = try lateRefusal(connection, socket)
      }
      if refusal == nil { SSL_shutdown(connection.raw) }
      ERR_clear_error()
      return TLSProbe.Served(chain: chain, distrust: distrust(connection), refusal: refusal)
    }
  }

  /// Shakes hands and asks, and gives the first bytes of what came; none when the other side closed instead.
  func answer(to request: [UInt8], _ cancellation: ProbeCancellation) -> Result<[UInt8], TransportError> {
    connected(cancellation) { connection, socket, _ throws(TransportError) in
      guard try shakeHands(connection, socket) == nil else { return [] }
      ERR_clear_error()
      // A request is far smaller than a socket's buffer: it is taken at once, or the other side is gone.
      guard SSL_write(connection.raw, request, Int32(request.count)) > 0 else { return [] }
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        ERR_clear_error()
        let count = SSL_read(connection.raw, &bytes, Int32(bytes.count))
        if count > 0 { return Array(bytes.prefix(Int(count))) }
        switch SSL_get_error(connection.raw, count) {
        case SSL_ERROR_WANT_READ: try socket.wait(for: POLLIN, "answer", target.endpoint)
        case SSL_ERROR_WANT_WRITE: try socket.wait(for: POLLOUT, "answer", target.endpoint)
        default: return []
        }
      }
    }
  }

  private func connected<Value>(
    _ cancellation: ProbeCancellation,
    _ work: (borrowing Owned, borrowing ProbeSocket, UnsafeMutablePointer<Bool>) throws(TransportError) ->
      Value
  ) -> Result<Value, TransportError> {
    do throws(TransportError) {
      BrokenPipe.ignore()
      let context = try locally { () throws(CryptoError) in try makeContext() }
      let socket = try ProbeSocket.connected(to: target, deadline: deadline, cancellation: cancellation)
      let asked = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
      asked.initialize(to: false)
      defer { asked.deallocate() }
      SSL_CTX_set_cert_cb(
        context.raw,
        { _, asked in
          asked?.assumingMemoryBound(to: Bool.self).pointee = true
          return 1
        }, asked)
      let connection = try locally { () throws(CryptoError) in try makeConnection(context, socket.descriptor)
      }
      return .success(try work(connection, socket, asked))
    } catch {
      return .failure(error)
    }
  }

  /// Does the handshake; the reason when it fails once the other side has answered.
  private func shakeHands(_ connection: borrowing Owned, _ socket: borrowing ProbeSocket)
    throws(TransportError)
    -> String?
  {
    while true {
      ERR_clear_error()
      let result = SSL_connect(connection.raw)
      if result == 1 { return nil }
      switch SSL_get_error(connection.raw, result) {
      case SSL_ERROR_WANT_READ: try socket.wait(for: POLLIN, "handshake", target.endpoint)
      case SSL_ERROR_WANT_WRITE: try socket.wait(for: POLLOUT, "handshake", target.endpoint)
      case SSL_ERROR_SSL: return OpenSSL.reasons()
      default: return "the connection was closed during the handshake"
      }
    }
  }

  /// Under TLS 1.3 the handshake is over for us before the server has looked at our certificate. Its session
  /// ticket says that it took it, an alert that it did not.
  private func lateRefusal(_ connection: borrowing Owned, _ socket: borrowing ProbeSocket)
    throws(TransportError)
    -> String?
  {
    let limit = ContinuousClock.now + Self.refusalTime
    do throws(TransportError) {
      try socket.wait(for: POLLIN, "answer", target.endpoint, limit: limit)
    } catch {
      if error.kind == .timeout { return nil }
      throw error
    }
    var byte: UInt8 = 0
    ERR_clear_error()
    let result = SSL_peek(connection.raw, &byte, 1)
    if result > 0 { return nil }
    return switch SSL_get_error(connection.raw, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: nil
    case SSL_ERROR_SSL: OpenSSL.reasons()
    default: "the connection was closed after the handshake"
    }
  }

  /// What the server sent; without it the handshake ended before there was a certificate.
  private func served(_ connection: borrowing Owned, orElse reason: String?) throws(TransportError)
    -> CertificateChain
  {
    let stack = SSL_get_peer_cert_chain(connection.raw)
    var chain: [Certificate] = []
    for index in 0..<phoenix_certificates_count(stack) {
      let certificate = phoenix_certificates_get(stack, index)
      chain.append(
        try locally { () throws(CryptoError) in
          try Certificate(
            der: try OpenSSL.call("read the server's certificate") {
              OpenSSL.encoded { i2d_X509(certificate, $0) }
            })
        })
    }
    guard let leaf = chain.first else {
      let text = reason ?? "the server showed no certificate"
      let isTLS = text != "the connection was closed during the handshake"
      throw TransportError(isTLS ? .tls(text) : .reset, text, endpoint: target.endpoint)
    }
    return CertificateChain(leaf: leaf, intermediates: Array(chain.dropFirst()))
  }

  private func distrust(_ connection: borrowing Owned) -> String? {
    let code = SSL_get_verify_result(connection.raw)
    return code == Int(X509_V_OK) ? nil : String(cString: X509_verify_cert_error_string(code))
  }

  private func makeContext() throws(CryptoError) -> Owned {
    let doing = "prepare a handshake with \(target.endpoint)"
    let context = try OpenSSL.call(doing) { Owned(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) }
    phoenix_tls_keep_no_sessions(context.raw)
    try OpenSSL.check(doing) {
      phoenix_tls_set_versions(context.raw, TLS1_2_VERSION, tls12Only ? TLS1_2_VERSION : 0) == 1
    }
    for root in try CertificateChain.parse(trust.rootsPEM) {
      let root = try Certificate.read(root.der)
      try OpenSSL.check(doing) { X509_STORE_add_cert(SSL_CTX_get_cert_store(context.raw), root.raw) == 1 }
    }
    if let identity { try show(identity, context, doing) }
    // The chain is verified all the same, and the verdict reported: the leaf of a bad one is wanted too.
    SSL_CTX_set_verify(context.raw, SSL_VERIFY_NONE, nil)
    return context
  }

  private func show(
    _ identity: TLSIdentity, _ context: borrowing Owned, _ doing: String
  ) throws(CryptoError) {
    let chain = try CertificateChain(pem: identity.certificateChainPEM)
    let leaf = try Certificate.read(chain.leaf.der)
    let key = try PrivateKey.read(identity.keyPEM)
    let others = try OpenSSL.call(doing) { Owned(phoenix_certificates_new(), phoenix_certificates_free) }
    for certificate in chain.intermediates {
      let certificate = try Certificate.read(certificate.der)
      try OpenSSL.check(doing) { phoenix_certificates_add(others.raw, certificate.raw) == 1 }
    }
    try OpenSSL.check(doing) { SSL_CTX_use_cert_and_key(context.raw, leaf.raw, key.raw, others.raw, 1) == 1 }
  }

  private func makeConnection(_ context: borrowing Owned, _ socket: Int32) throws(CryptoError) -> Owned {
    let doing = "prepare a handshake with \(target.endpoint)"
    let connection = try OpenSSL.call(doing) { Owned(SSL_new(context.raw), SSL_free) }
    let isAddress = SubjectName.addressBytes(target.serverName) != nil
    try OpenSSL.check(doing) {
      let parameters = SSL_get0_param(connection.raw)
      return SSL_set_fd(connection.raw, socket) == 1
        && X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER) == 1
        && PeerName.expect(target.serverName, parameters)
        && (isAddress || phoenix_tls_set_server_name(connection.raw, target.serverName) == 1)
    }
    return connection
  }

  /// What fails on this side, before or beside the network.
  private func locally<Result: ~Copyable>(
    _ work: () throws(CryptoError) -> Result
  ) throws(TransportError) -> Result {
    do throws(CryptoError) {
      return try work()
    } catch {
      throw TransportError(.tls(error.description), error.description, endpoint: target.endpoint)
    }
  }
}
