/// The name of a field of ours in the journal: `PHOENIX_` and something in capitals.
///
/// journald drops a field with a wrong name without a word (lower case, dashes, a leading underscore, over 64
/// characters), so that a name is made right when it is made.
public struct JournalField: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The longest name that journald takes.
  static let longestName = 64

  /// The name as journald has it, such as `PHOENIX_RESOURCE`.
  public let name: String

  /// Makes the name of a field: `resource`, `drift.count` and `PHOENIX_RESOURCE` all do.
  ///
  /// - Parameter text: Letters become capitals, whatever is no ASCII letter or digit an underscore; what is too
  ///   long is cut.
  public init(_ text: String) {
    let prefix = "PHOENIX_"
    let capitals = text.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x61...0x7A: byte - 0x20
      case 0x41...0x5A, 0x30...0x39: byte
      default: 0x5F
      }
    }
    let name = String(decoding: capitals, as: UTF8.self)
    let full = name.hasPrefix(prefix) ? name : prefix + name
    self.name = String(full.prefix(Self.longestName))
  }

  /// The name as journald has it.
  public var description: String { name }

  /// By name.
  public static func < (left: JournalField, right: JournalField) -> Bool { left.name < right.name }

  /// The pass or run to which a line belongs.
  public static let runID = JournalField("RUN_ID")
  /// A resource, `system/kind/name`.
  public static let resource = JournalField("RESOURCE")
  /// A system, as it is named in resources.
  public static let system = JournalField("SYSTEM")
  /// A node of the cluster.
  public static let node = JournalField("NODE")
  /// A guest's number.
  public static let vmid = JournalField("VMID")
  /// What is done: `create`, `update`, `delete`.
  public static let action = JournalField("ACTION")
  /// How it ended, as `Outcome.word` has it.
  public static let outcome = JournalField("OUTCOME")
  /// How long it took, in microseconds.
  public static let durationMicroseconds = JournalField("DURATION_USEC")
  /// A generation of delivered files.
  public static let generation = JournalField("GENERATION")
  /// Why.
  public static let reason = JournalField("REASON")
  /// The digest of a plan.
  public static let digest = JournalField("DIGEST")
  /// The harm a change can do.
  public static let risk = JournalField("RISK")
  /// How many changes a pass found or made.
  public static let changes = JournalField("CHANGES")
  /// A certificate's common name.
  public static let certificate = JournalField("CERTIFICATE")
  /// Which attempt it was, from 1.
  public static let attempt = JournalField("ATTEMPT")
  /// An endpoint, such as `https://10.0.0.13:8006`.
  public static let endpoint = JournalField("ENDPOINT")
  /// A place in the users' files, `file:line:column`.
  public static let location = JournalField("LOCATION")
  /// How many lines were dropped before this one.
  public static let dropped = JournalField("DROPPED")
}
