public import PhoenixCore

/// One file of a delivery.
public struct DeliveredFile: Sendable {
  /// What a file holds.
  public enum Content: Sendable {
    case bytes([UInt8])
    /// Never shown; travels only over the channel's input.
    case secret(Secret)
  }

  /// Its name in the generation's directory, such as `key.pem`.
  public let name: String
  /// Its permissions, such as 0o600.
  public let mode: UInt32
  /// `user` or `user:group` on the guest; nil leaves it to whom the channel belongs.
  public let owner: String?
  /// What it holds.
  public let content: Content

  /// Creates a file.
  public init(_ name: String, mode: UInt32, owner: String? = nil, _ content: Content) {
    self.name = name
    self.mode = mode
    self.owner = owner
    self.content = content
  }
}

/// A set of files that appear together: `BASE/generations/GENERATION/*`, and `BASE/current` leads to it.
public struct Delivery: Sendable {
  /// The directory, such as `/etc/phoenix-certs/nginx.internal.example`.
  public let base: String
  /// The set's name, such as a certificate's serial number. Never used again for other content.
  public let generation: String
  /// The files.
  public let files: [DeliveredFile]
  /// How many generations are kept; the current one and the one before always are.
  public let keep: Int

  /// Creates a delivery.
  public init(base: String, generation: String, files: [DeliveredFile], keep: Int = 3) {
    self.base = base
    self.generation = generation
    self.files = files
    self.keep = keep
  }
}

/// What a delivery found.
public struct DeliveryReceipt: Hashable, Sendable {
  /// The generation that was current before; nil when there was none. It is what a roll-back activates.
  public let previous: String?
  /// Whether `current` was moved.
  public let switched: Bool
}
