/// The statuses that phoenixd ends with; the unit and the command know them.
enum ExitStatus {
  static let failed: Int32 = 1
  /// Another process writes the state directory.
  static let locked: Int32 = 75
  /// The first configuration cannot be used: the unit does not start it again.
  static let configuration: Int32 = 78
}
