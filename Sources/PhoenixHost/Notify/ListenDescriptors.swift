import CSystemd
import Glibc
public import PhoenixCore

/// The listening sockets that the service manager handed over, by their names, never by their order.
public struct ListenDescriptors: Sendable, Hashable {
  private let byName: [String: Int32]

  /// Creates a set of descriptors.
  public init(_ byName: [String: Int32]) { self.byName = byName }

  /// Takes what $LISTEN_FDS announces. The descriptors are close-on-exec then, and the variables are unset, so
  /// that no child believes them its own.
  ///
  /// - Returns: An empty set when there is no announcement.
  /// - Throws: A permanent failure when a descriptor is no listening stream socket, or a name comes twice.
  public static func take() throws(Failure) -> ListenDescriptors {
    let doing = "take the sockets of the service manager"
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(1, &names)
    guard count >= 0 else {
      throw Failure(.permanent, doing: doing, got: ErrorText.of(-count))
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    var byName: [String: Int32] = [:]
    for index in 0..<Int(count) {
      let descriptor = 3 + Int32(index)  // SD_LISTEN_FDS_START
      let name = names?[index].map { String(cString: $0) } ?? "unknown"
      guard sd_is_socket(descriptor, 0, Int32(SOCK_STREAM.rawValue), 1) > 0 else {
        throw Failure(
          .permanent, doing: doing, expected: "a listening stream socket",
          got: "something else named '\(name)'")
      }
      guard byName.updateValue(descriptor, forKey: name) == nil else {
        throw Failure(
          .permanent, doing: doing, expected: "one socket of each name", got: "two named '\(name)'",
          hint: "set FileDescriptorName= in each socket unit")
      }
    }
    return ListenDescriptors(byName)
  }

  /// The descriptor of a name, as FileDescriptorName= gave it.
  public subscript(name: String) -> Int32? { byName[name] }

  /// All names.
  public var names: [String] { byName.keys.sorted() }
}
