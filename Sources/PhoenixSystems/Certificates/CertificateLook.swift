import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// The strict reader of what the look script prints.
struct CertificateLook {
  /// Why an answer cannot be understood.
  struct Garbled: Error, Equatable {
    let reason: String
  }

  private enum State {
    case absent
    case dangling(link: String)
    case error(String)
    case file(Certificates.File, content: [UInt8])
  }

  private var fields: ArraySlice<ArraySlice<UInt8>>

  /// Reads an answer.
  ///
  /// - Parameters:
  ///   - bytes: Foreign bytes.
  ///   - places: What was asked, in order.
  /// - Returns: A reading for each, in order.
  /// - Throws: When anything is not as the script prints it.
  static func parse(
    _ bytes: [UInt8], places: [CertificatePlace]
  ) throws(Garbled) -> [Reading<Certificates.Place>] {
    guard bytes.last == 0 else { throw Garbled(reason: "it does not end with NUL") }
    var look = CertificateLook(
      fields: bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)[...])
    var readings: [Reading<Certificates.Place>] = []
    for place in places { readings.append(try look.place(place)) }
    guard try look.text() == "end", look.fields.isEmpty else {
      throw Garbled(reason: "something follows the last certificate")
    }
    return readings
  }

  private mutating func place(_ wanted: CertificatePlace) throws(Garbled) -> Reading<Certificates.Place> {
    let generation = try text()
    let refusal = String(decoding: try base64(), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let hooked = String(decoding: try base64(), as: UTF8.self)
    let (certificate, key, root) = (try state(), try state(), try state())
    let (currentRoot, refusedLeaf, refusedRoot) = (try state(), try state(), try state())
    var troubles: [String] = []
    let certificatePath = Self.path(certificate, &troubles)
    let keyPath = Self.path(key, &troubles)
    let rootPath = Self.path(root, &troubles)
    if case .error(let text) = currentRoot { troubles.append(text) }
    if let trouble = troubles.first { return .unreadable(trouble) }
    let leaf = Self.leaf(certificate, root: currentRoot)
    var place = Certificates.Place(
      generation: generation.isEmpty ? nil : generation, certificate: certificatePath, key: keyPath,
      root: wanted.rootPath == nil ? nil : rootPath, leaf: leaf,
      keySHA256: Self.publicKey(key), hooked: hooked.isEmpty ? nil : hooked)
    if wanted.rootPath != nil { place.otherRoots = Self.roots(currentRoot).filter { $0 != leaf?.rootSHA256 } }
    if refusal.count == 2 {
      place.refusal = Certificates.Refusal(
        generation: String(refusal[0]), restored: String(refusal[1]),
        leaf: Self.leaf(refusedLeaf, root: refusedRoot))
    }
    return .known(place)
  }

  // MARK: Fields

  private mutating func next() throws(Garbled) -> ArraySlice<UInt8> {
    guard let field = fields.popFirst() else { throw Garbled(reason: "it is cut short") }
    return field
  }

  private mutating func text() throws(Garbled) -> String { String(decoding: try next(), as: UTF8.self) }

  private mutating func base64() throws(Garbled) -> [UInt8] {
    guard let data = Data(base64Encoded: Data(try next())) else { throw Garbled(reason: "no base64") }
    return Array(data)
  }

  private mutating func state() throws(Garbled) -> State {
    switch try text() {
    case "absent": return .absent
    case "dangling": return .dangling(link: String(decoding: try base64(), as: UTF8.self))
    case "error": return .error(String(try text().prefix(500)))
    case "file":
      let link = String(decoding: try base64(), as: UTF8.self)
      let status = try text().split(separator: " ", omittingEmptySubsequences: false)
      let content = try base64()
      guard status.count == 4, let mode = UInt32(status[0], radix: 16), let owner = FileOwner(status[2]),
        let ids = FileOwner(status[3])
      else { throw Garbled(reason: "a stat line that is none") }
      return .file(
        Certificates.File(
          link: link.isEmpty ? nil : link, mode: FileMode(bits: UInt16(mode & 0o777)), owner: owner, ids: ids),
        content: content)
    case let word: throw Garbled(reason: "'\(word.prefix(40))' where a state should stand")
    }
  }

  // MARK: Meaning

  private static func path(_ state: State, _ troubles: inout [String]) -> Certificates.PathState {
    switch state {
    case .absent: return .absent
    case .dangling(let link): return .dangling(link: link)
    case .file(let file, _): return .file(file)
    case .error(let text):
      troubles.append(text)
      return .absent
    }
  }

  /// The certificate, with the root beside it when its chain leads there.
  private static func leaf(_ state: State, root: State) -> Certificates.Leaf? {
    guard case .file(_, let content) = state, let pem = String(validating: content, as: UTF8.self),
      let chain = try? CertificateChain(pem: pem)
    else { return nil }
    return Certificates.Leaf(chain, rootsPEM: text(root))
  }

  /// SHA-256 of each certificate in a file of roots.
  private static func roots(_ state: State) -> [String] {
    ((try? CertificateChain.parse(text(state))) ?? []).map(\.sha256)
  }

  private static func text(_ state: State) -> String {
    guard case .file(_, let content) = state else { return "" }
    return String(validating: content, as: UTF8.self) ?? ""
  }

  private static func publicKey(_ state: State) -> String? {
    guard case .file(_, let content) = state else { return nil }
    let lines = String(decoding: content, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count > 2, lines.first == "-----BEGIN PUBLIC KEY-----",
      lines.last == "-----END PUBLIC KEY-----",
      let der = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { return nil }
    return SHA256.hexDigest(of: Array(der))
  }
}

extension Certificates.Leaf {
  /// What matters of a chain.
  ///
  /// - Parameters:
  ///   - chain: The chain.
  ///   - rootsPEM: Roots, one of which it may lead to. Signatures are checked, not the time: that is for the diff.
  init(_ chain: CertificateChain, rootsPEM: String) {
    let leaf = chain.leaf
    let roots = (try? CertificateChain.parse(rootsPEM)) ?? []
    let root = roots.first { root in
      let moment = max(chain.notBefore, root.notBefore)
      return (try? chain.verify(roots: [root], at: moment, for: .any)) != nil
    }
    self.init(
      fingerprint: leaf.sha256, sha1: leaf.sha1, pem: leaf.pem, serial: leaf.serial,
      names: leaf.names.map(\.description).sorted(),
      notBefore: leaf.notBefore, notAfter: chain.notAfter, uses: leaf.uses?.map(\.rawValue).sorted(),
      publicKeySHA256: leaf.publicKeySHA256, rootSHA256: root?.sha256)
  }
}
