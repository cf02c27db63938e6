public import PhoenixCore

extension Shell {
  /// Looks at files on a guest, in one round trip.
  ///
  /// - Parameters:
  ///   - queries: The paths; a path comes once.
  ///   - target: Where.
  ///   - timeout: How long it may take.
  /// - Returns: A reading for each path. What cannot be looked at is unreadable, never absent.
  /// - Throws: When the guest could not be asked, or its answer not be understood.
  public func observeFiles(
    _ queries: [FileQuery], on target: ShellTarget, timeout: Duration = .seconds(30)
  ) async throws(Failure) -> [String: Reading<ObservedFile>] {
    guard !queries.isEmpty else { return [:] }
    let doing = "look at files on \(target.endpoint)"
    var arguments: [String] = []
    for query in queries {
      try RemotePath.check(query.path)
      arguments += [String(max(0, query.contentLimit)), query.path]
    }
    let content = queries.reduce(0) { $0 + max(0, $1.contentLimit) }
    let result = try await run(
      target, argv: ["sh", "-c", ObservationScript.text, "phoenix"] + arguments, timeout: timeout,
      outputLimit: content * 2 + queries.count * 8192 + 1024)
    guard result.status.isSuccess, !result.stdoutTruncated else {
      throw Failure(.transient, doing: doing, got: result.account, endpoint: target.endpoint)
    }
    do throws(ObservationScript.Garbled) {
      let readings = try ObservationScript.parse(result.stdout, queries: queries)
      return Dictionary(zip(queries.map(\.path), readings)) { first, _ in first }
    } catch {
      throw Failure(
        .transient, doing: doing, got: "an answer that cannot be understood: \(error.reason)",
        hint: "does the login shell of \(target.user) print anything by itself?", endpoint: target.endpoint)
    }
  }
}
