import PhoenixCore

/// Something that Proxmox does for us beside the request that asked for it.
enum ProxmoxTask {
  private static let firstPause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(2)
  /// Just after its request a task may not be known yet.
  private static let grace = Duration.seconds(5)

  /// Asks for one, and waits for its end.
  ///
  /// - Parameters:
  ///   - request: What asks for it.
  ///   - api: Where.
  /// - Throws: What it, or Proxmox, said.
  static func finish(_ request: Proxmox.API.Request, api: Proxmox.API) async throws(Failure) {
    // Where Proxmox does it at once, there is no task.
    guard let id = try await api.data(request)?.string else { return }
    try await wait(id, doing: request.doing, api: api)
  }

  /// Waits for the end of one; the engine's limit for an action bounds that.
  ///
  /// - Parameters:
  ///   - id: Its name, `UPID:NODE:...`.
  ///   - doing: What it is for.
  ///   - api: Where.
  /// - Throws: What it, or Proxmox, said.
  static func wait(_ id: String, doing: String, api: Proxmox.API) async throws(Failure) {
    guard let node = Self.node(of: id) else {
      throw Failure(.transient, doing: doing, expected: "a task", got: id.escapedForTerminals)
    }
    let status = Proxmox.API.Request.taskStatus(id, node, doing: doing)
    let begin = ContinuousClock.now
    var pause = firstPause
    while true {
      let answer = try await api.answer(status)
      let isUnknown = answer.status == 400 && answer.message.contains("no such task")
      if answer.status >= 400, !isUnknown || ContinuousClock.now - begin > grace {
        throw .proxmox(status: answer.status, message: answer.message, request: status, endpoint: api.name)
      }
      if answer.data?["status"]?.string == "stopped" {
        return try judge(answer.data?["exitstatus"]?.string, doing)
      }
      do { try await Task.sleep(for: pause) } catch {
        throw Failure(
          .transient, doing: doing, got: "it was cancelled while Proxmox works on it", endpoint: api.name)
      }
      pause = min(pause * 2, longestPause)
    }
  }

  /// Warnings are no failure: what was to be done is done, and the look that follows proves it.
  private static func judge(_ exit: String?, _ doing: String) throws(Failure) {
    guard let exit else {
      throw Failure(.transient, doing: doing, expected: "how its task ended", got: "nothing")
    }
    if exit == "OK" || exit.hasPrefix("WARNINGS") { return }
    let got = "its task ended with '\(exit.escapedForTerminals)'"
    throw Failure.isBusy(exit)
      ? Failure(
        .conflict, doing: doing, got: got, hint: "it is tried again when whatever holds the guest is done")
      : Failure(.transient, doing: doing, got: got, hint: "Proxmox's log of the task on the node says more")
  }

  /// `UPID:NODE:...`
  private static func node(of id: String) -> String? {
    let parts = id.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 7, parts[0] == "UPID", !parts[1].isEmpty,
      id.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"/?#%".utf8.contains($0) })
    else { return nil }
    return String(parts[1])
  }
}
