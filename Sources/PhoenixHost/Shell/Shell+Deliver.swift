public import PhoenixCore

extension Shell {
  /// Puts a set of files on a guest, so that a reader finds all of the old or all of the new, whatever stops it.
  ///
  /// The files are born private in a fresh directory, get their owner and permissions there, are synced, and
  /// become current by one rename of a symbolic link. Doing it again changes nothing. One round trip.
  ///
  /// - Parameters:
  ///   - delivery: The files.
  ///   - target: Where.
  ///   - timeout: How long it may take.
  /// - Returns: What was current before.
  /// - Throws: A failure; what was current before still is then, or the new generation is, whole.
  public func deliver(
    _ delivery: Delivery, to target: ShellTarget, timeout: Duration = .seconds(30)
  ) async throws(Failure) -> DeliveryReceipt {
    try RemotePath.check(delivery.base)
    try RemotePath.checkName(delivery.generation)
    var arguments = [delivery.base, delivery.generation, String(max(1, delivery.keep))]
    var archive = TarArchive()
    for file in delivery.files {
      try RemotePath.checkName(file.name)
      if let owner = file.owner { try RemotePath.checkOwner(owner) }
      arguments += [file.name, "0" + String(file.mode & 0o777, radix: 8), file.owner ?? "-"]
      switch file.content {
      case .bytes(let bytes): archive.add(file.name, bytes)
      case .secret(let secret): secret.reveal { archive.add(file.name, Array($0.utf8)) }
      }
    }
    archive.end()
    return try await receipt(
      DeliveryScript.deliver, arguments, stdin: archive.bytes, target, timeout,
      doing: "deliver \(delivery.base) generation \(delivery.generation) to \(target.endpoint)")
  }

  /// Makes a generation that is on the guest the current one, as a roll-back does.
  ///
  /// - Parameters:
  ///   - generation: Its name.
  ///   - base: The directory of the delivery.
  ///   - target: Where.
  ///   - timeout: How long it may take.
  /// - Returns: What was current before.
  /// - Throws: A failure, as when the generation is not there.
  public func activate(
    generation: String, base: String, on target: ShellTarget, timeout: Duration = .seconds(30)
  ) async throws(Failure) -> DeliveryReceipt {
    try RemotePath.check(base)
    try RemotePath.checkName(generation)
    return try await receipt(
      DeliveryScript.activate, [base, generation], stdin: [], target, timeout,
      doing: "activate \(base) generation \(generation) on \(target.endpoint)")
  }

  private func receipt(
    _ script: String, _ arguments: [String], stdin: [UInt8], _ target: ShellTarget, _ timeout: Duration,
    doing: String
  ) async throws(Failure) -> DeliveryReceipt {
    let result = try await run(
      target, argv: ["sh", "-c", script, "phoenix"] + arguments, stdin: stdin, timeout: timeout)
    guard result.status.isSuccess else { throw Self.failure(result, doing: doing) }
    let words = result.text.split(separator: "\n").last?.split(separator: " ") ?? []
    guard let word = words.first, word == "kept" || word == "switched", words.count <= 2 else {
      throw Failure(
        .transient, doing: doing, expected: "'kept' or 'switched'", got: "'\(result.text.prefix(200))'")
    }
    return DeliveryReceipt(
      previous: words.count == 2 ? String(words[1]) : nil, switched: word == "switched")
  }

  private static func failure(_ result: ProcessResult, doing: String) -> Failure {
    let errors = String(decoding: result.stderr, as: UTF8.self)
    // "Wrote only" is what tar says of a disk that filled up in the middle of a file.
    let signs = ["No space left on device", "Disk quota exceeded", "Wrote only "]
    if signs.contains(where: { errors.contains($0) }) {
      return Failure(
        .transient, doing: doing, got: result.account, hint: "make room on the guest: df -h, df -i")
    }
    switch result.status {
    case .exited(DeliveryScript.conflict): return Failure(.conflict, doing: doing, got: result.account)
    case .exited: return Failure(.permanent, doing: doing, got: result.account)
    case .signaled, .timedOut, .cancelled: return Failure(.transient, doing: doing, got: result.account)
    }
  }
}
