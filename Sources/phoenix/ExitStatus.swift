/// The statuses that the command ends with.
enum ExitStatus {
  static let failed: Int32 = 1
  /// `plan --detailed-exitcode`: there are changes.
  static let changes: Int32 = 2
  static let usage: Int32 = 64
  /// A system or the daemon cannot be reached.
  static let unreachable: Int32 = 69
  /// Another process writes the state directory.
  static let locked: Int32 = 75
  static let permission: Int32 = 77
  static let configuration: Int32 = 78
  /// Ctrl-C.
  static let interrupted: Int32 = 130
}
