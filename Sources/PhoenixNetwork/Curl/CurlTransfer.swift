import CCurl
import PhoenixCore

/// One request under way: what libcurl reads and writes meanwhile, and who waits for the answer.
final class CurlTransfer {
  /// Who waits.
  enum Waiter {
    case whole(CheckedContinuation<Result<HTTPResponse, TransportError>, Never>)
    case head(CheckedContinuation<Result<HTTPStream, TransportError>, Never>)
    case body(AsyncThrowingStream<[UInt8], any Error>.Continuation)
  }

  /// Why libcurl was told to stop.
  enum Stop {
    case headersTooLarge, bodyTooLarge, readerTooSlow, readerGone
  }

  static let maximumHeaderBytes = 256 << 10
  /// How many pieces of a streamed body may wait for a slow reader; each is at most 16 KB.
  private static let maximumWaitingPieces = 1024

  /// The number by which the client knows it.
  let number: UInt64
  let easy: CurlEasy
  let request: HTTPRequest
  let unixSocket: String?
  let started: ContinuousClock.Instant
  private(set) var status = 0
  private(set) var stop: Stop?
  private var waiter: Waiter
  private var headers = HTTPHeaders()
  private var body: [UInt8] = []
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var peerList: UnsafeMutablePointer<curl_slist>?
  private let requestBody: UnsafeMutableBufferPointer<UInt8>?
  private let onReaderGone: @Sendable () -> Void

  /// When the request ends as timed out; nil once the body streams.
  var deadline: ContinuousClock.Instant? {
    if case .body = waiter { nil } else { started + request.timeout }
  }

  private var isStreamed: Bool {
    if case .whole = waiter { false } else { true }
  }

  /// Creates a transfer; `onReaderGone` is called on any thread when nobody reads a streamed body any more.
  init(
    _ request: HTTPRequest, number: UInt64, easy: CurlEasy, unixSocket: String?, waiter: Waiter,
    onReaderGone: @escaping @Sendable () -> Void
  ) {
    self.number = number
    self.easy = easy
    self.request = request
    self.unixSocket = unixSocket
    self.waiter = waiter
    self.onReaderGone = onReaderGone
    started = .now
    if let bytes = request.body {
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
      _ = copy.initialize(from: bytes)
      requestBody = copy
    } else {
      requestBody = nil
    }
  }

  deinit {
    curl_slist_free_all(headerList)
    curl_slist_free_all(peerList)
    requestBody?.deallocate()
  }

  /// Sets every option of the request. The handle was reset before.
  func prepare(trust: TLSTrust?, identity: TLSIdentity?, verification: PeerVerification) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    easy.set(CURLOPT_NOSIGNAL, 1)
    easy.set(CURLOPT_URL, request.url)
    easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
    easy.set(CURLOPT_PROXY, "")
    easy.set(CURLOPT_UNIX_SOCKET_PATH, unixSocket)
    if let peer = request.peer {
      // For any host and any port: each of them is written in the address already.
      peerList = curl_slist_append(nil, "::\(peer)")
      easy.set(CURLOPT_CONNECT_TO, list: peerList)
    }
    easy.set(CURLOPT_MAXAGE_CONN, 4)
    // Removing a request whose name is still being resolved must not wait for the resolver.
    easy.set(CURLOPT_QUICK_EXIT, 1)
    easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    if !isStreamed { easy.set(CURLOPT_MAXFILESIZE_LARGE, size: request.maximumBodyBytes) }
    easy.set(CURLOPT_USERAGENT, "phoenix")
    prepareTLS(trust: trust, identity: identity, verification: verification)
    prepareBody()
    prepareHeaders()
    easy.set(CURLOPT_PRIVATE, pointer: context)
    easy.set(CURLOPT_WRITEDATA, pointer: context)
    easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.received(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
    easy.set(CURLOPT_HEADERDATA, pointer: context)
    easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.received(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
  }

  private func prepareTLS(trust: TLSTrust?, identity: TLSIdentity?, verification: PeerVerification) {
    easy.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    // Only the given roots count, none of the system's.
    easy.set(CURLOPT_CAPATH, nil)
    easy.set(CURLOPT_CAINFO, nil)
    if let trust { easy.set(CURLOPT_CAINFO_BLOB, blob: trust.rootsPEM) }
    if verification.isPinnedByCaller {
      easy.set(CURLOPT_SSL_VERIFYPEER, 0)
      easy.set(CURLOPT_SSL_VERIFYHOST, 0)
      easy.set(CURLOPT_SSL_SESSIONID_CACHE, 0)
      easy.set(CURLOPT_FORBID_REUSE, 1)
    } else {
      easy.set(CURLOPT_SSL_VERIFYPEER, 1)
      easy.set(CURLOPT_SSL_VERIFYHOST, 2)
    }
    if let identity {
      easy.set(CURLOPT_SSLCERTTYPE, "PEM")
      easy.set(CURLOPT_SSLCERT_BLOB, blob: identity.certificateChainPEM)
      easy.set(CURLOPT_SSLKEYTYPE, "PEM")
      identity.keyPEM.reveal { easy.set(CURLOPT_SSLKEY_BLOB, blob: $0) }
    }
    // On a connection that was used before, libcurl repeats a request by itself when the connection turns out
    // to be dead; whatever changes something must not be repeated blindly.
    if request.method.isMutating || verification.isPinnedByCaller { easy.set(CURLOPT_FRESH_CONNECT, 1) }
  }

  private func prepareBody() {
    if let requestBody, let bytes = request.body {
      easy.set(CURLOPT_POSTFIELDSIZE_LARGE, size: bytes.count)
      easy.set(CURLOPT_POSTFIELDS, pointer: requestBody.baseAddress)
    } else if request.method == .post || request.method == .put || request.method == .patch {
      easy.set(CURLOPT_POSTFIELDSIZE_LARGE, size: 0)
      easy.set(CURLOPT_POSTFIELDS, "")
    }
    if request.method != .get || request.body != nil {
      easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  private func prepareHeaders() {
    // No waiting for "100 Continue", and no content type that nobody asked for.
    append(header: "Expect:")
    if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      append(header: "Content-Type:")
    }
    for header in request.headers {
      switch header.value {
      case .plain(let value): append(header: header.name, value)
      case .secret(let secret): secret.reveal { append(header: header.name, $0) }
      }
    }
    easy.set(CURLOPT_HTTPHEADER, list: headerList)
  }

  private func append(header name: String, _ value: String) {
    append(header: value.isEmpty ? "\(name);" : "\(name): \(value)")
  }

  private func append(header line: String) {
    if let longer = curl_slist_append(headerList, line) { headerList = longer }
  }

  private func received(header line: UnsafeRawBufferPointer) -> Int {
    if line.starts(with: "HTTP/".utf8) {
      // Each answer begins so; only the last one's headers count, not those of "103 Early Hints".
      headers = HTTPHeaders()
      status = Self.status(of: line)
      return line.count
    }
    if line.count <= 2 {
      if status >= 200 { openStream() }
      return line.count
    }
    headers.append(line: line)
    guard headers.byteCount <= Self.maximumHeaderBytes else {
      stop = .headersTooLarge
      return 0
    }
    return line.count
  }

  /// The number behind the first space.
  private static func status(of line: UnsafeRawBufferPointer) -> Int {
    let digits = line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix { (0x30...0x39).contains($0) }
    return digits.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private func received(body bytes: UnsafeRawBufferPointer) -> Int {
    if case .body(let continuation) = waiter {
      switch continuation.yield(Array(bytes)) {
      case .enqueued: return bytes.count
      case .dropped: stop = .readerTooSlow
      case .terminated: stop = .readerGone
      @unknown default: stop = .readerGone
      }
      return 0
    }
    guard body.count + bytes.count <= request.maximumBodyBytes else {
      stop = .bodyTooLarge
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  /// Gives the one who waits for the head of a streamed answer what he waits for.
  private func openStream() {
    guard case .head(let continuation) = waiter else { return }
    let (pieces, body) = AsyncThrowingStream.makeStream(
      of: [UInt8].self, throwing: (any Error).self,
      bufferingPolicy: .bufferingOldest(Self.maximumWaitingPieces))
    body.onTermination = { [onReaderGone] reason in
      if case .cancelled = reason { onReaderGone() }
    }
    waiter = .body(body)
    continuation.resume(returning: .success(HTTPStream(status: status, headers: headers, body: pieces)))
  }

  /// Tells the one who waits how it ended. Called once.
  func end(_ error: TransportError?) {
    if error == nil { openStream() }
    switch waiter {
    case .whole(let continuation):
      let response = HTTPResponse(status: status, headers: headers, body: body)
      continuation.resume(returning: error.map { .failure($0) } ?? .success(response))
    case .head(let continuation):
      if let error { continuation.resume(returning: .failure(error)) }
    case .body(let continuation):
      continuation.finish(throwing: error)
    }
  }
}
