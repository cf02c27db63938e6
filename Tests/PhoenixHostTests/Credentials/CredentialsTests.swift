import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@Suite struct CredentialsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var credentials: Credentials { Credentials(directory: directory.path) }

  private func revealed(_ credentials: Credentials, _ name: String) throws -> String {
    try credentials.secret(name).reveal { $0 }
  }

  @Test(arguments: [
    ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret\n"),
    (" sec ret ", " sec ret "), ("pässwörd\n", "pässwörd"),
  ])
  func oneLineEndIsNotPartOfASecret(content: String, secret: String) throws {
    try directory.write(content, to: "token")
    #expect(try revealed(credentials, "token") == secret)
  }

  @Test func theServiceManagersFilesBearAPrefix() throws {
    try directory.write("prefixed", to: "phoenix_token", mode: 0o440)
    try directory.write("plain", to: "token", mode: 0o440)
    try directory.write("single", to: "other", mode: 0o440)
    let credentials = Credentials(serviceManagerDirectory: directory.path)
    #expect(try revealed(credentials, "token") == "prefixed")
    #expect(try revealed(credentials, "other") == "single")
    #expect(try credentials.path("token") == directory.file("phoenix_token"))
  }

  enum Flaw: CaseIterable {
    case missing, empty, onlyALineEnd, open, groupReadable, symbolicLink, directory, pipe, tooLong, notUTF8
  }

  @Test(arguments: Flaw.allCases) func aFlawedFileIsRefusedWithAdvice(flaw: Flaw) throws {
    let path = directory.file("token")
    switch flaw {
    case .missing: break
    case .empty: try directory.write("", to: "token")
    case .onlyALineEnd: try directory.write("\n", to: "token")
    case .open: try directory.write("hunter2", to: "token", mode: 0o644)
    case .groupReadable: try directory.write("hunter2", to: "token", mode: 0o640)
    case .symbolicLink:
      try directory.write("hunter2", to: "elsewhere")
      symlink(directory.file("elsewhere"), path)
    case .directory: mkdir(path, 0o700)
    case .pipe: mkfifo(path, 0o600)
    case .tooLong: try directory.write(String(repeating: "x", count: Credentials.limit + 1), to: "token")
    case .notUTF8: try directory.write([0x68, 0xFF, 0xFE], to: "token")
    }
    let failure = #expect(throws: Failure.self) { try credentials.secret("token") }
    #expect(failure?.persistence == .permanent)
    #expect(failure?.got.contains(path) == true)
    #expect(failure?.hint?.isEmpty == false)
    #expect(failure?.description.contains("hunter2") == false)
  }

  @Test(.enabled(if: geteuid() == 0)) func somebodyElsesFileIsRefused() throws {
    try directory.write("hunter2", to: "token")
    chown(directory.file("token"), 65534, 65534)
    let failure = #expect(throws: Failure.self) { try credentials.secret("token") }
    #expect(failure?.got.contains("belongs to user 65534") == true)
  }

  @Test(arguments: ["../token", "a/b", "", ".hidden", "-rf", "new\nline", "nul\u{0}", "ümlaut"])
  func aNameCannotLeadElsewhere(name: String) {
    #expect(throws: Failure.self) { try credentials.secret(name) }
    #expect(throws: Failure.self) { try credentials.path(name) }
  }
}
