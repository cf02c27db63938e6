import CCurl
import Glibc

extension CurlTransfer {
  /// libcurl's result in our words; nil when the answer came whole.
  func error(for code: CURLcode) -> TransportError? {
    if code == CURLE_OK { return nil }
    let text = easy.text(for: code)
    return TransportError(
      kind(of: code, text), explanation(text), code: Int(code.rawValue), endpoint: endpoint)
  }

  /// The end of a request that this side ended.
  func error(_ kind: TransportError.Kind, _ text: String) -> TransportError {
    TransportError(kind, text, endpoint: endpoint)
  }

  /// The end of a request whose time has passed.
  var overdueError: TransportError {
    let isConnected = easy.number(CURLINFO_NUM_CONNECTS) > 0 || status > 0
    return error(
      .timeout, "no \(isConnected ? "whole answer" : "connection") within \(request.timeout)")
  }

  /// Whom the request asks.
  var endpoint: String { unixSocket ?? request.endpoint }

  private func explanation(_ text: String) -> String {
    switch stop {
    case .headersTooLarge: "the answer's header lines are over \(Self.maximumHeaderBytes) bytes"
    case .bodyTooLarge: "the answer is over \(request.maximumBodyBytes) bytes"
    case .readerTooSlow: "the answer came faster than it was read"
    case .readerGone: "nobody reads the answer any more"
    case nil: text
    }
  }

  private func kind(of code: CURLcode, _ text: String) -> TransportError.Kind {
    switch code {
    case CURLE_COULDNT_CONNECT: refusal
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_CLIENTCERT:
      .tls(text)
    // A handshake that the network cut off says nothing about certificates.
    case CURLE_SSL_CONNECT_ERROR:
      text.contains("SSL_ERROR_SYSCALL") || text.contains("reset") ? .reset : .tls(text)
    // Under TLS 1.3 a server refuses our certificate only after the handshake.
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR: text.contains("alert") ? .tls(text) : .reset
    case CURLE_WRITE_ERROR: stop == .readerGone ? .cancelled : .tooLarge
    case CURLE_FILESIZE_EXCEEDED: .tooLarge
    case CURLE_URL_MALFORMAT: .invalidRequest
    default: .reset
    }
  }

  private var refusal: TransportError.Kind {
    guard unixSocket != nil else { return .refused }
    return switch Int32(easy.number(CURLINFO_OS_ERRNO)) {
    case EACCES, EPERM: .socketDenied
    case ENOENT: .socketMissing
    default: .refused
    }
  }
}
