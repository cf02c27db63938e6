import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// What is done to one certificate's files within its guest.
struct GuestHands: Sendable {
  let shell: Shell
  let place: CertificatePlace
  let login: GuestLogin
  let timeout: Duration

  /// Makes plain files at the paths a generation, so that the next one replaces both at once.
  func adopt() async throws(Failure) {
    try await run(
      CertificateScripts.adopt,
      [place.base, place.certificatePath, place.keyPath, place.rootPath ?? "-"], "adopt the files of")
  }

  /// Puts a generation into the guest and makes it the one in use.
  func deliver(_ identity: Certificates.Identity, generation: String) async throws(Failure) {
    let owner = place.owner.description
    let files = [
      DeliveredFile(
        CertificatePlace.certificateFile, mode: UInt32(FileMode.readable.bits), owner: owner,
        .bytes(Array(identity.chain.pem.utf8))),
      DeliveredFile(
        CertificatePlace.keyFile, mode: UInt32(place.mode.bits), owner: owner, .secret(identity.key.pem)),
      DeliveredFile(
        CertificatePlace.rootFile, mode: UInt32(FileMode.readable.bits), owner: owner,
        .bytes(Array(identity.rootPEM.utf8))),
    ]
    _ = try await shell.deliver(
      Delivery(base: place.base, generation: generation, files: files), to: ShellTarget(login),
      timeout: timeout)
  }

  /// Makes the paths lead to the generation in use, with its owner and permissions.
  func settle() async throws(Failure) {
    try await run(
      CertificateScripts.settle,
      [
        place.base, place.certificatePath, place.keyPath, place.rootPath ?? "-", place.owner.description,
        "0\(place.mode)",
      ], "put right the paths of")
  }

  /// Runs the command after a renewal. Paths in /tmp that upstream's scripts expect become those of the copies.
  func run(hook: [String], generation: String) async throws(Failure) {
    let words = hook.map { word in
      ["cert.pem", "key.pem", "ca.pem"].reduce(word) { text, file in
        text.split(separator: "/tmp/\(file)", omittingEmptySubsequences: false)
          .joined(separator: "\(place.base)/.hook/\(file)")
      }
    }
    do throws(Failure) {
      try await run(
        CertificateScripts.hook, [place.base, generation] + words, "run the command after the renewal of")
    } catch {
      // It is run again: a command that fails once may not fail twice.
      throw Failure(
        .transient, doing: error.doing, got: error.got,
        hint: "the certificate is in its place; the command is tried again", endpoint: error.endpoint)
    }
  }

  private func run(_ script: String, _ arguments: [String], _ doing: String) async throws(Failure) {
    for path in [place.base, place.certificatePath, place.keyPath] { try RemotePath.check(path) }
    if let path = place.rootPath { try RemotePath.check(path) }
    let result = try await shell.run(
      ShellTarget(login), argv: ["sh", "-c", script, "phoenix"] + arguments, timeout: timeout)
    guard result.status.isSuccess else {
      let isFull = String(decoding: result.stderr, as: UTF8.self).contains("No space left on device")
      let isOver = result.status == .timedOut || result.status == .cancelled
      throw Failure(
        isFull || isOver ? .transient : .permanent,
        doing: "\(doing) \(place.name) on \(login.endpoint)",
        got: result.account, hint: isFull ? "make room on the guest: df -h, df -i" : nil)
    }
  }
}
