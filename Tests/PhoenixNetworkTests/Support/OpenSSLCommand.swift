import PhoenixHost

/// The openssl program, as other eyes on what we make.
enum OpenSSLCommand {
  /// Runs it and gives its output as text; throws when its status is not 0.
  static func run(_ arguments: [String], stdin: String = "") async throws -> String {
    String(decoding: try await bytes(arguments, stdin: Array(stdin.utf8)), as: UTF8.self)
  }

  /// Runs it twice, the second time on the output of the first.
  static func run(_ first: [String], stdin: String, then second: [String]) async throws -> String {
    let between = try await bytes(first, stdin: Array(stdin.utf8))
    return String(decoding: try await bytes(second, stdin: between), as: UTF8.self)
  }

  /// Runs it on bytes.
  static func bytes(_ arguments: [String], stdin: [UInt8]) async throws -> [UInt8] {
    let result = try await Processes.run(ProcessCommand(["/usr/bin/openssl"] + arguments, stdin: stdin))
    guard result.status.isSuccess else {
      throw Trouble("openssl \(arguments.first ?? ""): \(result.account)")
    }
    return result.stdout
  }
}
