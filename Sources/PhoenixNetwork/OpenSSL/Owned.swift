/// Something that libssl made and that one owner frees.
struct Owned: ~Copyable {
  /// libssl's pointer, good as long as the owner lives.
  let raw: OpaquePointer
  private let release: (OpaquePointer?) -> Void

  /// Takes ownership; nil when libssl made nothing.
  init?(_ raw: OpaquePointer?, _ release: @escaping (OpaquePointer?) -> Void) {
    guard let raw else { return nil }
    self.raw = raw
    self.release = release
  }

  deinit { release(raw) }
}
