import PhoenixCore
import PhoenixHost

/// Shows certificates that lie in a guest, from that guest and with its own curl: one round trip.
///
/// Whoever is root there can make that say anything: its word is worth a line to people, and no action.
struct GuestProbe {
  let shell: Shell
  let timeout: Duration

  /// Shows certificates, each under TLS 1.2 and 1.3.
  ///
  /// - Parameters:
  ///   - places: Where they lie.
  ///   - login: The way into their guest.
  ///   - url: What is asked for.
  ///   - address: Where that is, whatever the guest's resolver says of the name.
  /// - Returns: A proof for each place; what could not be tried says why.
  func show(_ places: [CertificatePlace], from login: GuestLogin, to url: String, at address: String) async
    -> [CertificateProof]
  {
    func untried(_ reason: String) -> [CertificateProof] {
      places.map { _ in CertificateProof(leaf: nil, answers: [.untried(reason)]) }
    }
    let files = places.flatMap { [$0.certificatePath, $0.keyPath, $0.deliveredRoot] }
    do throws(Failure) {
      for path in files { try RemotePath.check(path) }
      let result = try await shell.run(
        ShellTarget(login), argv: ["sh", "-c", Self.script, "phoenix", url, address] + files, timeout: timeout
      )
      guard result.status.isSuccess, let proofs = Self.proofs(result.stdout, count: places.count) else {
        return untried("\(login.endpoint): \(result.account)")
      }
      return proofs
    } catch {
      return untried(error.description)
    }
  }

  /// Arguments: URL ADDRESS, then CERTIFICATE KEY ROOT of each. Prints for each the leaf's SHA-1, then `STATUS CODE` of
  /// curl and HTTP twice, as fields that end with NUL; at last `end`. A way that is closed is not tried twice.
  private static let script = #"""
    LC_ALL=C; export LC_ALL
    url=$1 address=$2
    shift 2
    ask() {
      if [ "$status" != 28 ]; then
        code=$(curl -q -s -o /dev/null --connect-timeout 2 -m 5 --noproxy '*' --connect-to "::$address:" \
          --tlsv$4 --tls-max $4 --cert "$1" --key "$2" --cacert "$3" -w '%{http_code}' "$url")
        status=$?
      fi
      printf '%s %s\0' "$status" "$code"
    }
    while [ $# -gt 0 ]; do
      leaf=$(openssl x509 -noout -fingerprint -sha1 -in "$1" 2> /dev/null)
      printf '%s\0' "${leaf#*=}"
      status=
      ask "$1" "$2" "$3" 1.2
      ask "$1" "$2" "$3" 1.3
      shift 3
    done
    printf 'end\0'
    """#

  /// Reads what the script printed; nil for anything else.
  static func proofs(_ bytes: [UInt8], count: Int) -> [CertificateProof]? {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count == count * 3 + 2, fields.suffix(2) == ["end", ""] else { return nil }
    return (0..<count).map { index in
      let leaf = fields[index * 3].lowercased().filter { $0 != ":" }
      return CertificateProof(
        leaf: leaf.isEmpty ? nil : leaf,
        answers: fields[index * 3 + 1...index * 3 + 2].map { answer(curl: $0) })
    }
  }

  /// curl's exit status, and the HTTP status that it saw.
  private static func answer(curl text: String) -> ProbeAnswer {
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
}
