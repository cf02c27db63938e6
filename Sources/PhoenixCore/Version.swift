/// The version of this Phoenix.
public enum PhoenixVersion {
  /// As `phoenix version` and `phoenix_build_info` show it.
  public static let current = "0.1.0"
}
