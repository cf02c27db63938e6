import PhoenixNetwork
import Testing

/// The transport error that some work throws; anything else is a failed test.
func transportError<Result>(
  from work: () async throws -> Result, at location: SourceLocation = #_sourceLocation
) async -> TransportError? {
  do {
    _ = try await work()
    Issue.record("nothing was thrown", sourceLocation: location)
  } catch let error as TransportError {
    return error
  } catch {
    Issue.record("\(error) is no TransportError", sourceLocation: location)
  }
  return nil
}

extension TransportError {
  /// Whether it is about TLS, whatever libssl says.
  var isTLS: Bool {
    if case .tls = kind { true } else { false }
  }
}
