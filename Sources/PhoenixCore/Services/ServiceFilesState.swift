/// What stands at the paths of a service's files.
public struct ServiceFilesState: Hashable, Sendable, Codable {
  /// A file that is there.
  public struct File: Hashable, Sendable, Codable {
    /// SHA-256 of what it holds, in hexadecimal.
    public var sha256: String
    /// Its owner, by name.
    public var owner: FileOwner
    /// Its permissions.
    public var mode: FileMode
    /// What it holds; nil when it is long or no text.
    public var text: String?

    /// Creates a file.
    public init(sha256: String, owner: FileOwner, mode: FileMode, text: String?) {
      self.sha256 = sha256
      self.owner = owner
      self.mode = mode
      self.text = text
    }

    /// A file as it should be.
    public init(_ wanted: ServiceFile) {
      self.init(sha256: wanted.sha256, owner: wanted.owner, mode: wanted.mode, text: wanted.text)
    }
  }

  /// The files, by path; what is missing here is not there.
  public var files: [String: File]
  /// Whether a change of them was begun and not ended: they may be written and not loaded.
  public var isUnfinished: Bool
  /// Whether somebody wrote a file after it was loaded, be it with what was there before: what the service has
  /// loaded since, nobody knows.
  public var isTouched: Bool

  /// Creates a state.
  public init(files: [String: File] = [:], isUnfinished: Bool = false, isTouched: Bool = false) {
    self.files = files
    self.isUnfinished = isUnfinished
    self.isTouched = isTouched
  }

  /// Everything as it should be.
  public init(_ wanted: [ServiceFile]) {
    self.init(files: Dictionary(wanted.map { ($0.path, File($0)) }) { first, _ in first })
  }

  /// Whether nothing of some files is there.
  public func lacksAll(of wanted: [ServiceFile]) -> Bool { wanted.allSatisfy { files[$0.path] == nil } }

  /// What must change for these files to be in force: a field for each file, owner or line that differs.
  ///
  /// - Parameter wanted: The files as they should be.
  /// - Returns: The differences, named by path; none when all is in force.
  public func differences(from wanted: [ServiceFile]) -> [FieldChange] {
    var fields = wanted.flatMap { differences(from: $0) }
    if fields.isEmpty, isUnfinished {
      fields.append(FieldChange("loaded", from: .flag(false), to: .flag(true)))
    }
    return fields
  }

  private func differences(from wanted: ServiceFile) -> [FieldChange] {
    guard let file = files[wanted.path] else {
      return [FieldChange(wanted.path, from: nil, to: .text("sha256:\(wanted.sha256)"))]
    }
    var fields: [FieldChange] = []
    if file.sha256 != wanted.sha256 {
      let lines = file.text.map { LineDifference(from: $0, to: wanted.text).fields(of: wanted.path) } ?? []
      fields +=
        lines.isEmpty
        ? [
          FieldChange(
            wanted.path, from: .text("sha256:\(file.sha256)"), to: .text("sha256:\(wanted.sha256)"))
        ] : lines
    }
    if file.owner != wanted.owner {
      fields.append(
        FieldChange(
          "\(wanted.path) owner", from: .text(file.owner.description), to: .text(wanted.owner.description)))
    }
    if file.mode != wanted.mode {
      fields.append(
        FieldChange(
          "\(wanted.path) mode", from: .text(file.mode.description), to: .text(wanted.mode.description)))
    }
    return fields
  }
}
