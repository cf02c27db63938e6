/// The picture of a site: what there is by guest, how it stands, what needs what, and the way of a request.
public struct SiteGraph: Hashable, Sendable, Codable {
  /// A box of the picture.
  public struct Box: Hashable, Sendable, Codable {
    /// Its name within the picture, of letters, digits and underscores.
    public let id: String
    /// What stands in it, line by line.
    public let lines: [String]
    /// How it stands; of a guest the worst of what belongs to it, nil when Phoenix keeps nothing there.
    public let state: ResourceStatus.State?
  }

  /// Boxes that belong together, such as those of a guest.
  public struct Group: Hashable, Sendable, Codable {
    /// Its name within the picture.
    public let id: String
    /// What stands above it.
    public let title: String
    /// The guest itself first, then its resources by name.
    public let boxes: [Box]
  }

  /// An arrow.
  public struct Arrow: Hashable, Sendable, Codable {
    /// What it stands for.
    public enum Kind: String, Hashable, Sendable, Codable {
      /// The way of a request.
      case request
      /// The second cannot be made without the first.
      case needs
      /// phoenixd looks at it.
      case looks
    }

    /// Where it begins.
    public let from: String
    /// Where it ends.
    public let to: String
    /// What it stands for.
    public let kind: Kind
  }

  /// The client, outside of everything.
  public static let client = Box(id: "client", lines: ["client"], state: nil)

  /// All groups, in the order of the request's way.
  public let groups: [Group]
  /// All arrows: requests, then needs, then looks.
  public let arrows: [Arrow]

  /// The states, the worst first.
  static let states: [ResourceStatus.State] =
    [.failed, .drifted, .held, .unknown, .pending, .suspended, .inSync]
}
