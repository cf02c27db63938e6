/// Base64 with `-` and `_` and without padding (RFC 4648 section 5), as JOSE writes it.
public enum Base64URL {
  /// Encodes some bytes.
  public static func encode(_ bytes: [UInt8]) -> String { "" }

  /// Decodes a text; nil when it is no base64url in its one canonical form.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? { nil }
}
