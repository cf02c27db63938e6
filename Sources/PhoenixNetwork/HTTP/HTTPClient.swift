import CCurl
import Dispatch
public import PhoenixCore

/// HTTP over TCP, TLS and unix sockets: libcurl's multi interface on one Dispatch queue.
///
/// Connections are kept and used again for reads. A mutating request always gets a fresh connection, so that
/// libcurl never repeats it by itself when an idle connection turns out to be dead. Redirects are not followed,
/// proxies of the environment are ignored, and every server certificate is verified.
public actor HTTPClient {
  /// How many idle handles are kept for later requests.
  private static let maximumIdleHandles = 32

  /// For a task that asks many questions: preferring this, it spares a change of thread for each.
  public nonisolated let taskExecutor: QueueTaskExecutor

  private let executor: QueueExecutor
  private let maxConnectionsPerHost: Int
  private var multi: CurlMulti?
  private var deadlines: QueueTimer?
  /// When `deadlines` fires; an earlier request may have been the reason, so it may be too early.
  private var armed: ContinuousClock.Instant?
  private var transfers: [UInt64: CurlTransfer] = [:]
  private var idle: [CurlEasy] = []
  private var lastNumber: UInt64 = 0
  private var isShutDown = false

  /// The queue that everything runs on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  /// What was asked so far.
  public nonisolated let counters = RequestCounters()

  /// Creates a client.
  ///
  /// - Parameters:
  ///   - executor: The queue to run on; shared with actors that call it often, calls cost no change of thread.
  ///   - maxConnectionsPerHost: How many connections to one host and port are open at once; others wait. The
  ///     default is the most that phoenixd.json lets a system ask for: how many it uses is the system's own choice.
  public init(executor: QueueExecutor = QueueExecutor(label: "phoenix.http"), maxConnectionsPerHost: Int = 64)
  {
    self.executor = executor
    taskExecutor = QueueTaskExecutor(queue: executor.queue)
    self.maxConnectionsPerHost = maxConnectionsPerHost
  }

  /// Asks, and waits for the whole answer. Cancelling the task closes the connection at once.
  ///
  /// - Parameters:
  ///   - request: What to ask.
  ///   - trust: Whom we believe; without it every `https` server is refused.
  ///   - identity: What we show a server that asks for a client certificate.
  ///   - unixSocket: The path of the socket to connect to, whatever host the address names.
  /// - Returns: The answer, whatever its status.
  /// - Throws: `TransportError` when no whole answer came.
  public func send(
    _ request: HTTPRequest, trust: TLSTrust? = nil, identity: TLSIdentity? = nil, unixSocket: String? = nil
  ) async throws(TransportError) -> HTTPResponse {
    try await send(
      request, trust: trust, identity: identity, unixSocket: unixSocket, verification: .required)
  }

  func send(
    _ request: HTTPRequest, trust: TLSTrust? = nil, identity: TLSIdentity? = nil, unixSocket: String? = nil,
    verification: PeerVerification
  ) async throws(TransportError) -> HTTPResponse {
    let number = nextNumber()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        start(
          request, number, trust, identity, unixSocket, verification, waiter: .whole(continuation))
      }
    } onCancel: {
      cancelLater(number)
    }
    return try result.get()
  }

  /// Asks, and returns when the header lines are there; the body comes piece by piece, without a deadline.
  ///
  /// - Parameters:
  ///   - request: What to ask. Its timeout counts until the body begins; its `maximumBodyBytes` does not count.
  ///     A reader that lets 1024 pieces wait loses the connection.
  ///   - trust: Whom we believe; without it every `https` server is refused.
  ///   - identity: What we show a server that asks for a client certificate.
  ///   - unixSocket: The path of the socket to connect to, whatever host the address names.
  /// - Returns: The answer, whatever its status.
  /// - Throws: `TransportError` when no header lines came.
  public func stream(
    _ request: HTTPRequest, trust: TLSTrust? = nil, identity: TLSIdentity? = nil, unixSocket: String? = nil
  ) async throws(TransportError) -> HTTPStream {
    let number = nextNumber()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        start(request, number, trust, identity, unixSocket, .required, waiter: .head(continuation))
      }
    } onCancel: {
      cancelLater(number)
    }
    return try result.get()
  }

  /// Ends all requests as cancelled and closes all connections. Later requests are refused as cancelled.
  public func shutdown() {
    isShutDown = true
    for transfer in Array(transfers.values) {
      finish(transfer, transfer.error(.cancelled, "the client was shut down"))
    }
    idle.removeAll()
    multi = nil
    deadlines = nil
  }

  private func nextNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }

  private func start(
    _ request: HTTPRequest, _ number: UInt64, _ trust: TLSTrust?, _ identity: TLSIdentity?,
    _ unixSocket: String?, _ verification: PeerVerification, waiter: CurlTransfer.Waiter
  ) {
    if let refusal = refusal(of: request, trust, unixSocket, verification) { return waiter.refuse(refusal) }
    guard let easy = idle.popLast() ?? CurlEasy(), let multi = multi ?? makeMulti() else {
      return waiter.refuse(TransportError(.reset, "out of memory or descriptors", endpoint: request.endpoint))
    }
    let transfer = CurlTransfer(
      request, number: number, easy: easy, unixSocket: unixSocket, waiter: waiter,
      onReaderGone: { self.cancelLater(number) })
    transfer.prepare(trust: trust, identity: identity, verification: verification)
    transfers[number] = transfer
    if let code = easy.failure {
      finish(transfer, transfer.error(for: code))
    } else if multi.add(easy) {
      arm(for: transfer.deadline)
    } else {
      finish(transfer, transfer.error(.reset, "libcurl does not take the request"))
    }
  }

  /// Why a request is not even tried.
  private func refusal(
    of request: HTTPRequest, _ trust: TLSTrust?, _ unixSocket: String?, _ verification: PeerVerification
  ) -> TransportError? {
    let refused: (TransportError.Kind, String)
    if isShutDown {
      refused = (.cancelled, "the client was shut down")
    } else if Task.isCancelled {
      refused = (.cancelled, "cancelled")
    } else if let invalidity = request.invalidity {
      refused = (.invalidRequest, invalidity)
    } else if request.isSecure, trust == nil, !verification.isPinnedByCaller {
      let text = "no roots are configured to verify the server with"
      refused = (.tls(text), text)
    } else {
      return nil
    }
    return TransportError(refused.0, refused.1, endpoint: unixSocket ?? request.endpoint)
  }

  private func makeMulti() -> CurlMulti? {
    multi = CurlMulti(
      queue: executor.queue, maxConnectionsPerHost: maxConnectionsPerHost,
      onSocket: { [weak self] in
        self?.assumeIsolated { client in
          client.multi?.socketsReady()
          client.finishEnded()
        }
      },
      onTimer: { [weak self] in
        self?.assumeIsolated { client in
          client.multi?.timerFired()
          client.finishEnded()
        }
      })
    return multi
  }

  private func finishEnded() {
    while let (transfer, code) = multi?.nextEnded() { finish(transfer, transfer.error(for: code)) }
  }

  private func finish(_ transfer: CurlTransfer, _ error: TransportError?) {
    guard transfers.removeValue(forKey: transfer.number) != nil else { return }
    multi?.remove(transfer.easy)
    counters.record(
      label: transfer.request.label, mutating: transfer.request.method.isMutating,
      status: error == nil ? transfer.status : nil, took: .now - transfer.started)
    transfer.easy.reset()
    if idle.count < Self.maximumIdleHandles { idle.append(transfer.easy) }
    transfer.end(error)
  }

  private nonisolated func cancelLater(_ number: UInt64) {
    executor.queue.async { @Sendable in
      self.assumeIsolated { client in
        guard let transfer = client.transfers[number] else { return }
        client.finish(transfer, transfer.error(.cancelled, "cancelled"))
      }
    }
  }

  private func arm(for deadline: ContinuousClock.Instant?) {
    guard let deadline, deadline < armed ?? (deadline + .seconds(1)) else { return }
    let timer =
      deadlines
      ?? QueueTimer(
        queue: executor.queue, onFire: { [weak self] in self?.assumeIsolated { $0.endOverdue() } })
    deadlines = timer
    armed = deadline
    let delay = max(ContinuousClock.now.duration(to: deadline).wholeMilliseconds, 0) + 1
    timer.arm(.milliseconds(Int(min(delay, 86_400_000))))
  }

  private func endOverdue() {
    armed = nil
    let now = ContinuousClock.now
    for transfer in Array(transfers.values) {
      guard let deadline = transfer.deadline, deadline <= now else { continue }
      finish(transfer, transfer.overdueError)
    }
    arm(for: transfers.values.compactMap(\.deadline).min())
  }
}

extension CurlTransfer.Waiter {
  /// Tells the one who waits that the request was not even tried.
  fileprivate func refuse(_ error: TransportError) {
    switch self {
    case .whole(let continuation): continuation.resume(returning: .failure(error))
    case .head(let continuation): continuation.resume(returning: .failure(error))
    case .body(let continuation): continuation.finish(throwing: error)
    }
  }
}
