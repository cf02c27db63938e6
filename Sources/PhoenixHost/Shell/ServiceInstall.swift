public import PhoenixCore

/// Files of a service that are put in force together: written, tested, loaded, or else what was before is put back.
public struct ServiceInstall: Sendable {
  /// Where the guest remembers what was before, until the change is over: `/var/lib/phoenix-services/NAME`.
  public let memory: String
  /// The files as they should be.
  public let files: [ServiceFile]
  /// Files that should not be there.
  public let removed: [String]
  /// The fixed text of a shell script that fails, and says why, when the service would not take the files.
  public let test: String
  /// The fixed text of a shell script that makes the service take the files up.
  public let load: String
  /// What both scripts are given as `$1` and so on.
  public let arguments: [String]

  /// Where what was before is remembered.
  public static func memory(of service: String) -> String { "/var/lib/phoenix-services/\(service)" }

  /// Creates a change of files.
  public init(
    memory: String, files: [ServiceFile], removed: [String] = [], test: String, load: String,
    arguments: [String] = []
  ) {
    self.memory = memory
    self.files = files
    self.removed = removed
    self.test = test
    self.load = load
    self.arguments = arguments
  }
}

extension Shell {
  /// Puts files of a service in force, in one round trip. A kill at any step leaves a trace that
  /// `ServiceFilesScript.look` tells as unfinished, and doing it again ends it.
  ///
  /// - Parameters:
  ///   - install: The files, and how they are tested and loaded.
  ///   - target: Where.
  ///   - timeout: How long it may take, the service's own work included.
  /// - Throws: Permanent when the service refuses the files, and transient when it could not load them; what was
  ///   before is in force again then.
  public func install(
    _ install: ServiceInstall, on target: ShellTarget, timeout: Duration = .seconds(60)
  ) async throws(Failure) {
    try RemotePath.check(install.memory)
    let count = install.files.count + install.removed.count
    var arguments = [install.memory, install.test, install.load, String(count)]
    var archive = TarArchive()
    for (index, file) in install.files.enumerated() {
      try RemotePath.check(file.path)
      try RemotePath.checkOwner(file.owner.description)
      arguments += [file.path, "0\(file.mode)", file.owner.description]
      archive.add("\(index + 1)", Array(file.text.utf8))
    }
    for path in install.removed {
      try RemotePath.check(path)
      arguments += [path, "-", "-"]
    }
    arguments += install.arguments
    archive.end()
    let result = try await run(
      target, argv: ["sh", "-c", ServiceFilesScript.install, "phoenix"] + arguments, stdin: archive.bytes,
      timeout: timeout)
    if result.status.isSuccess { return }
    let isRefused = result.status == .exited(ServiceFilesScript.refused)
    let paths = (install.files.map(\.path) + install.removed).joined(separator: ", ")
    // Transient although the test refused it: what is in the way may be a file of others, which is mended any time.
    throw Failure(
      .transient, doing: "put \(paths) in force on \(target.endpoint)",
      got: result.account,
      hint: isRefused || result.status == .exited(ServiceFilesScript.notLoaded)
        ? "what was there before is back; the message names what to mend" : nil)
  }
}
