import PhoenixCore
import PhoenixNetwork

extension Proxmox {
  /// Asks the API of Proxmox VE, at the first of its endpoints that answers.
  struct API: Sendable {
    /// What is asked.
    struct Request: Sendable {
      let method: HTTPRequest.Method
      /// Below `/api2/json`, with its query.
      let path: String
      /// What is sent as a form.
      let fields: [(name: String, value: String)]
      /// What it is for, in failures.
      let doing: String
      /// What the token needs for it: `VM.Audit on /vms/1001`.
      let privilege: String

      init(
        _ method: HTTPRequest.Method, _ path: String, fields: [(name: String, value: String)] = [],
        doing: String, privilege: String
      ) {
        self.method = method
        self.path = path
        self.fields = fields
        self.doing = doing
        self.privilege = privilege
      }
    }

    /// An answer as it came.
    struct Answer: Sendable {
      let status: Int
      /// The value of `data`; nil when there is none.
      let data: Node?
      /// What Proxmox said about an error, with what it said of each parameter.
      let message: String
    }

    let client: HTTPClient
    let endpoints: [String]
    /// The endpoint that answered last, so that a dead first one is not waited for with each request.
    let preferred: PreferredEndpoint
    let token: Secret
    let trust: TLSTrust
    /// For one request.
    var timeout: Duration

    /// Asks, and takes every status of 400 and above as a failure.
    ///
    /// - Returns: The value of `data`; null when there is none.
    func data(_ request: Request) async throws(Failure) -> Node? {
      let answer = try await self.answer(request)
      guard answer.status >= 400 else { return answer.data }
      throw .proxmox(status: answer.status, message: answer.message, request: request, endpoint: name)
    }

    /// Asks, and returns the answer whatever its status is.
    ///
    /// A read is asked of the next endpoint when one gives no answer, or cannot reach the node it is about. A
    /// write only when the connection was refused, so that it cannot have been carried out.
    func answer(_ request: Request) async throws(Failure) -> Answer {
      var trouble = Failure(
        .permanent, doing: request.doing, got: "no address of the API is known",
        hint: "set proxmox.endpoints in phoenixd.json")
      for endpoint in preferred.order(endpoints) {
        let response: HTTPResponse
        do throws(TransportError) {
          response = try await client.send(http(request, to: endpoint), trust: trust)
        } catch {
          trouble = failure(error, request)
          if error.kind == .cancelled { break }
          if request.method.isMutating, ![.refused, .resolve].contains(error.kind) { break }
          continue
        }
        if Self.proxyStatuses.contains(response.status), !request.method.isMutating {
          trouble = .proxmox(status: response.status, message: "", request: request, endpoint: name)
          continue
        }
        preferred.answered(endpoint)
        return try Self.decode(response, request, name)
      }
      throw trouble
    }

    /// What circuits know the API by, whichever endpoint failed.
    var name: String { endpoints.first ?? "proxmox" }

    /// The node, or the way to it, did not answer the endpoint that asked it for us.
    private static let proxyStatuses: Set<Int> = [502, 503, 504, 595, 596, 599]

    private func failure(_ error: TransportError, _ request: Request) -> Failure {
      let plain = error.failure(doing: request.doing)
      var hint = plain.hint
      if case .tls = error.kind {
        hint = "put Proxmox's root, /etc/pve/pve-root-ca.pem, where proxmox.ca_file in phoenixd.json points"
      }
      return Failure(plain.persistence, doing: plain.doing, got: plain.got, hint: hint, endpoint: name)
    }

    private func http(_ request: Request, to endpoint: String) -> HTTPRequest {
      var headers = [HTTPHeader("Authorization", secret: token.reveal { Secret("PVEAPIToken=\($0)") })]
      var body: [UInt8]?
      if request.method == .post || request.method == .put {
        headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded"))
        body = Array(FormText.encode(request.fields).utf8)
      }
      var url = "\(endpoint)/api2/json\(request.path)"
      if body == nil, !request.fields.isEmpty { url += "?" + FormText.encode(request.fields) }
      return HTTPRequest(
        request.method, url, headers: headers, body: body, timeout: timeout,
        maximumBodyBytes: 8 << 20, label: SystemName.proxmox.rawValue)
    }

    private static func decode(
      _ response: HTTPResponse, _ request: Request, _ endpoint: String
    ) throws(Failure) -> Answer {
      let root = JSONText.parse(response.body, file: request.path).root
      guard let root, case .object = root.content else {
        // A proxy before the API, or Proxmox itself before it knows who asks, answers errors without JSON.
        if response.status >= 400 { return Answer(status: response.status, data: nil, message: "") }
        throw Failure(
          .transient, doing: request.doing, expected: "JSON from Proxmox",
          got: "\(response.body.count) bytes that are none", hint: "check that \(endpoint) is Proxmox VE",
          endpoint: endpoint)
      }
      let errors = root["errors"]?.members.compactMap { member in
        member.value.string.map { "\(member.key): \($0)" }
      }
      let parts = [root["message"]?.string].compactMap { $0 } + (errors ?? [])
      let message = parts.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
      return Answer(
        status: response.status, data: root["data"], message: message.joined(separator: "; "))
    }
  }
}
