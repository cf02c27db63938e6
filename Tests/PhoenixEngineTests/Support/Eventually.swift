/// Waits for something that comes about on its own; the limit is only reached by a failure.
func eventually(
  within limit: Duration = .seconds(20), _ holds: () async throws -> Bool
) async rethrows -> Bool {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await holds() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return try await holds()
}
