import PhoenixCore

/// What a status of 255 of ssh means.
enum SSHFailure {
  /// Tells from what ssh printed whether trying again can help.
  static func from(_ result: ProcessResult, target: ShellTarget) -> Failure {
    let text = String(decoding: result.stderr, as: UTF8.self)
    let said = text.split(whereSeparator: \.isNewline).map { $0.filter { $0 != "\r" } }
      .last { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("@@@") }
    for (sign, hint) in lasting where text.contains(sign) {
      return Failure(
        .permanent, doing: "connect to \(target.endpoint)", got: said ?? sign, hint: hint,
        endpoint: target.endpoint)
    }
    return Failure(
      .transient, doing: "connect to \(target.endpoint)", got: said ?? "ssh ended with status 255",
      hint: "does the guest run, and may this machine reach its port \(target.port)?",
      endpoint: target.endpoint)
  }

  /// What no repetition mends, with what does.
  private static let lasting: [(sign: String, hint: String)] = [
    (
      "REMOTE HOST IDENTIFICATION HAS CHANGED",
      "the guest shows another host key than the pinned one: if it was made anew, pin the new key"
    ),
    ("Host key verification failed", "the guest's host key is not pinned in the known hosts file"),
    ("Permission denied", "the guest does not accept Phoenix's SSH key for this user"),
    ("Too many authentication failures", "the guest does not accept Phoenix's SSH key for this user"),
    ("Load key", "the credential with the SSH key is no private key that ssh can read"),
    ("no mutual signature", "the guest does not accept this type of SSH key"),
    ("Unable to negotiate", "ssh and the guest's sshd have no algorithm in common"),
    ("Bad owner or permissions", "make the file private to the user that runs phoenixd"),
  ]
}
