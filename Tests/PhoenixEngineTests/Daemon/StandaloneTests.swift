import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import Testing

private let canMount = geteuid() == 0 && system("unshare -m true 2>/dev/null") == 0

/// A root that becomes the user phoenix, in a place where there is one and /run is ours.
@Suite(.timeLimit(.minutes(2)), .enabled(if: canMount, "needs root, and mounts of its own"))
struct StandaloneTests {
  private static let user: UInt32 = 64_321

  private let bench = DaemonBench()

  init() {
    // What phoenix reads and writes; the credentials stay root's.
    chmod(bench.directory.path, 0o711)
    chmod(bench.directory.file("etc"), 0o755)
    chown(bench.directory.file("state"), Self.user, Self.user)
    for name in ["system-run", "mine"] { mkdir(bench.directory.file(name), 0o700) }
    chmod(bench.directory.file("system-run"), 0o755)
    write("credentials/proxmox-token", "phoenix@pve!daemon=1234", mode: 0o600)
    let ids = "\(Self.user):\(Self.user)"
    write("passwd", "root:x:0:0::/root:/bin/sh\nphoenix:x:\(ids)::/nonexistent:/bin/false\n")
    write("group", "root:x:0:\nphoenix:x:\(Self.user):\n")
  }

  private func write(_ name: String, _ text: String, mode: UInt32 = 0o644) {
    try? AtomicFile.write(Array(text.utf8), to: bench.directory.file(name), mode: mode)
  }

  private func phoenix(_ arguments: String...) async throws -> Child {
    let files = bench.directory.path
    let mounts =
      "mount --bind \(files)/passwd /etc/passwd && mount --bind \(files)/group /etc/group"
      + " && mount --bind \(files)/system-run /run && exec \"$@\""
    let child = try Child(
      "phoenix",
      [
        "--config", bench.directory.file("etc"), "--state", bench.directory.file("state"), "--credentials",
        bench.directory.file("credentials"),
      ] + arguments, directory: bench.directory, within: ["unshare", "-m", "sh", "-c", mounts, "sh"])
    _ = await child.end()
    return child
  }

  /// What is left of the copies of secrets.
  private var copies: [String] {
    var paths: [String] = []
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("\(bench.directory.file("system-run"))/phoenix-standalone/*/*", 0, nil, &found) == 0 else {
      return []
    }
    for index in 0..<Int(found.gl_pathc) { found.gl_pathv[index].map { paths.append(String(cString: $0)) } }
    return paths
  }

  @Test func thePlanIsSavedWhereOnlyRootMayWrite() async throws {
    let file = bench.directory.file("mine/plan")
    // Proxmox does not answer, so 69.
    let plan = try await phoenix("plan", "--standalone", "--out", file)
    #expect(plan.ended == 69, "\(plan.stderr)")
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_uid == 0 && status.st_mode & 0o777 == 0o600)
    #expect(status.st_size > 0)
    var state = stat()
    #expect(stat(bench.directory.file("state/lock"), &state) == 0 && state.st_uid == Self.user)

    let again = try await phoenix("plan", "--standalone", "--out", file)
    #expect(again.ended == 69, "\(again.stderr)")
    let applied = try await phoenix("apply", "--standalone", "--plan", file)
    #expect(applied.ended == 69, "\(applied.stderr)")
    #expect(copies == [])
  }

  @Test func aFileThatCannotBeWrittenIsToldBeforeAnythingIsDone() async throws {
    let plan = try await phoenix("plan", "--standalone", "--out", bench.directory.file("mine"))
    #expect(plan.ended == 1)
    #expect(plan.stderr.contains("save the plan"))
    #expect(plan.stdout == "")
  }

  @Test func aVerbThatAsksTwiceHasItsSecretsBothTimes() async throws {
    let sync = try await phoenix("sync", "firewall", "--standalone", "--json")
    #expect(sync.ended == 69, "\(sync.stderr)")
    #expect(sync.stdout.contains("127.0.0.1"), "\(sync.stdout)\(sync.stderr)")
    #expect(!(sync.stdout + sync.stderr).contains("credential"), "\(sync.stdout)\(sync.stderr)")
    #expect(copies == [])
  }
}
