public import PhoenixCore

extension Certificates {
  /// What was seen of the certificates in guests and in the state directory.
  public struct Observed: Codable, Equatable, Sendable {
    /// What stands at each certificate's paths; a guest that did not answer is unreadable.
    public var places: [String: Reading<Place>]
    /// Certificates that an operator wants replaced before their time: their fingerprints, by name.
    public var renewals: [String: String]
    /// What the state directory holds of each certificate that opens doors.
    public var kept: [String: Reading<Kept>]

    /// Creates an observation.
    public init(
      places: [String: Reading<Place>] = [:], renewals: [String: String] = [:],
      kept: [String: Reading<Kept>] = [:]
    ) {
      self.places = places
      self.renewals = renewals
      self.kept = kept
    }
  }

  /// What lies in the state directory with its key, and so can be delivered.
  public struct Kept: Codable, Equatable, Sendable {
    /// What was issued last.
    public var issued: Leaf?
    /// What was delivered last.
    public var delivered: Leaf?
    /// All that is on record, with its key or without: what was issued, what was delivered, and what was before that.
    public var recorded: [RecordedLeaf]

    /// Creates what is kept.
    public init(issued: Leaf? = nil, delivered: Leaf? = nil, recorded: [RecordedLeaf] = []) {
      self.issued = issued
      self.delivered = delivered
      self.recorded = recorded
    }

    /// Whether what stands in a guest comes from where ours do: whoever is root there can put anything in its place,
    /// and no door is to be told to let that in. Without a record nothing can be said, and clients are not locked out.
    func vouches(for leaf: Leaf) -> Bool {
      guard let root = (issued ?? delivered)?.rootSHA256 else { return true }
      return leaf.rootSHA256 == root
    }
  }

  /// A certificate that is on record; its key may be gone.
  public struct RecordedLeaf: Codable, Hashable, Sendable {
    /// SHA-1 of its DER, in hexadecimal.
    public var sha1: String
    /// It alone as PEM, without its chain.
    public var pem: String

    /// Creates a certificate.
    public init(sha1: String, pem: String) {
      self.sha1 = sha1
      self.pem = pem
    }
  }

  /// What stands at one certificate's paths.
  public struct Place: Codable, Equatable, Sendable {
    /// The generation that `current` leads to; nil when there is none.
    public var generation: String?
    /// The certificate's path.
    public var certificate: PathState
    /// The key's path.
    public var key: PathState
    /// The root's path; nil when none is wanted.
    public var root: PathState?
    /// The certificate; nil when the path holds none.
    public var leaf: Leaf?
    /// SHA-256 of the roots beside it that its chain does not lead to, where a path of the root is wanted.
    public var otherRoots: [String]
    /// SHA-256 of the public half of the key (SubjectPublicKeyInfo); nil when the path holds no key.
    public var keySHA256: String?
    /// A generation that a consumer could not take up, and for which he restored the one before.
    public var refusal: Refusal?
    /// The generation for which the hook was run last.
    public var hooked: String?

    /// Creates what stands at some paths.
    public init(
      generation: String? = nil, certificate: PathState, key: PathState, root: PathState? = nil,
      leaf: Leaf? = nil, otherRoots: [String] = [], keySHA256: String? = nil, refusal: Refusal? = nil,
      hooked: String? = nil
    ) {
      self.generation = generation
      self.certificate = certificate
      self.key = key
      self.root = root
      self.leaf = leaf
      self.otherRoots = otherRoots
      self.keySHA256 = keySHA256
      self.refusal = refusal
      self.hooked = hooked
    }

    /// Whether certificate and key belong together.
    public var isPair: Bool { leaf != nil && leaf?.publicKeySHA256 == keySHA256 }

    /// The refusal, when the generation that was restored is still the one in use.
    var activeRefusal: Refusal? { refusal.flatMap { $0.restored == generation ? $0 : nil } }
  }

  /// What stands at a path.
  public enum PathState: Codable, Hashable, Sendable {
    case absent
    /// Kept in the state directory, where nobody but phoenixd looks.
    case here
    /// A symbolic link that leads to nothing.
    case dangling(link: String)
    /// A file, by a symbolic link when `link` says so.
    case file(File)
  }

  /// A file and who may read it.
  public struct File: Codable, Hashable, Sendable {
    /// What the symbolic link at the path says; nil when the path is the file itself.
    public var link: String?
    /// The file's permissions.
    public var mode: FileMode
    /// The file's owner, by name.
    public var owner: FileOwner
    /// The file's owner, by number.
    public var ids: FileOwner

    /// Creates a file.
    public init(link: String?, mode: FileMode, owner: FileOwner, ids: FileOwner) {
      self.link = link
      self.mode = mode
      self.owner = owner
      self.ids = ids
    }

    /// Whether it belongs to whom the files say, by name or by number.
    func belongs(to wanted: FileOwner) -> Bool {
      [owner.user, ids.user].contains(wanted.user) && [owner.group, ids.group].contains(wanted.group)
    }
  }

  /// A certificate with its chain.
  public struct Leaf: Codable, Hashable, Sendable {
    /// SHA-256 of its DER, in hexadecimal.
    public var fingerprint: String
    /// SHA-1 of its DER, in hexadecimal.
    public var sha1: String
    /// It alone as PEM, without its chain.
    public var pem: String
    /// Its serial number, in hexadecimal.
    public var serial: String
    /// Its names, sorted.
    public var names: [String]
    /// From when it is valid.
    public var notBefore: WallTime
    /// Until when it and all of its chain are valid.
    public var notAfter: WallTime
    /// What it may be used for; nil when it does not say.
    public var uses: [String]?
    /// SHA-256 of its public key.
    public var publicKeySHA256: String
    /// SHA-256 of the root that its chain leads to; nil when it leads to none that lies beside it.
    public var rootSHA256: String?

    /// Creates a certificate.
    public init(
      fingerprint: String, sha1: String, pem: String, serial: String, names: [String], notBefore: WallTime,
      notAfter: WallTime,
      uses: [String]?, publicKeySHA256: String, rootSHA256: String?
    ) {
      self.fingerprint = fingerprint
      self.sha1 = sha1
      self.pem = pem
      self.serial = serial
      self.names = names
      self.notBefore = notBefore
      self.notAfter = notAfter
      self.uses = uses
      self.publicKeySHA256 = publicKeySHA256
      self.rootSHA256 = rootSHA256
    }
  }

  /// A consumer's word that it could not take a generation up.
  public struct Refusal: Codable, Hashable, Sendable {
    /// The generation.
    public var generation: String
    /// The one that was restored.
    public var restored: String
    /// The certificate of the refused generation; nil when it is gone.
    public var leaf: Leaf?

    /// Creates a refusal.
    public init(generation: String, restored: String, leaf: Leaf? = nil) {
      self.generation = generation
      self.restored = restored
      self.leaf = leaf
    }
  }
}

extension Certificates.Observed {
  /// The leaves that a client may show: the one in use, then the one that waits to be let in. While nothing usable
  /// stands at its place, what was delivered last may come back there.
  func clientLeaves(_ name: String) -> Reading<[Certificates.Leaf]> {
    let place: Certificates.Place?
    switch places[name] {
    case .known(let found): place = found.isPair ? found : nil
    case .absent: place = nil
    case .unreadable(let reason): return .unreadable(reason)
    case nil: return .unreadable("it has not been looked at yet")
    }
    return (kept[name] ?? .absent).map { kept in
      let there = place?.leaf.flatMap { kept.vouches(for: $0) ? $0 : nil }
      let all = [there ?? kept.delivered, kept.issued].compactMap { $0 }
      return all.count == 2 && all[0].fingerprint == all[1].fingerprint ? [all[0]] : all
    }
  }
}
