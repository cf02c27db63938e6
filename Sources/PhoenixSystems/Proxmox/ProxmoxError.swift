import PhoenixCore

extension Failure {
  /// What an answer of Proxmox with a status of 400 or above means.
  ///
  /// Proxmox answers 500 with a text to most of what goes wrong, so the text decides.
  ///
  /// - Parameters:
  ///   - status: The status.
  ///   - message: What it said.
  ///   - request: What was asked.
  ///   - endpoint: The API's address, for its circuit.
  /// - Returns: Whether trying again can help, and what to do.
  static func proxmox(
    status: Int, message: String, request: Proxmox.API.Request, endpoint: String
  ) -> Failure {
    let got = message.isEmpty ? "status \(status)" : "\(message) (status \(status))"
    func failure(
      _ persistence: Persistence, hint: String? = nil, blames endpoint: String? = nil
    ) -> Failure {
      Failure(persistence, doing: request.doing, got: got, hint: hint, endpoint: endpoint)
    }
    switch status {
    case 401:
      return failure(
        .permanent,
        hint:
          "check the credential of the API token (USER@REALM!ID=SECRET), and that Proxmox knows it and it "
          + "has not expired")
    case 403: return failure(.permanent, hint: "give the token the privilege \(request.privilege)")
    case 500 where conflicts.contains { message.contains($0) }:
      return failure(.conflict)
    case 500 where isBusy(message):
      return failure(.conflict, hint: "it is tried again when whatever holds the guest is done")
    case 400..<500, 501: return failure(.permanent)
    default: return failure(.transient, blames: endpoint)
    }
  }

  /// Whether another task holds the guest, its storage or its configuration, as Proxmox words it.
  static func isBusy(_ message: String) -> Bool {
    message.contains("can't lock file") || message.contains("got timeout") || message.contains("is locked (")
  }

  /// Somebody else wrote it, removed it or moved it to another node, after we looked.
  private static let conflicts = [
    "detected modified configuration", "checksum mismatch", "no rule at position", "does not exist",
  ]
}
