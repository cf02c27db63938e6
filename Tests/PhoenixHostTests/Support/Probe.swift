import Glibc
import PhoenixHost

/// The helper program beside the tests.
enum Probe {
  static var path: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let directory = own.lastIndex(of: "/").map { own[..<$0] } ?? "."
    return "\(directory)/host-probe"
  }

  static func run(
    _ arguments: [String], environment: [String: String] = [:], timeout: Duration = .seconds(30)
  ) async throws -> ProcessResult {
    var variables = environment
    // Under the address sanitizer it judges leaks as the suite does; else it is not there.
    variables["LSAN_OPTIONS"] = getenv("LSAN_OPTIONS").map { String(cString: $0) }
    return try await Processes.run(
      ProcessCommand([path] + arguments, environment: variables, timeout: timeout, grace: .zero))
  }
}
