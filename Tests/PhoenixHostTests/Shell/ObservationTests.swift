import Glibc
import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct ObservationTests {
  private let directory: TemporaryDirectory
  private let shell = LocalGuest.shell()

  init() throws { directory = try TemporaryDirectory() }

  private func observe(_ name: String, contentLimit: Int = 0) async throws -> Reading<ObservedFile> {
    let path = directory.file(name)
    let found = try await shell.observeFiles(
      [FileQuery(path, contentLimit: contentLimit)], on: LocalGuest.target)
    return try #require(found[path])
  }

  @Test(
    arguments: [
      [], [0x61], Array("two\nlines\n\n".utf8), [0, 1, 2, 0xFF, 0], [UInt8](repeating: 0x78, count: 100_000),
    ] as [[UInt8]])
  func aFileIsSeenAsItIs(content: [UInt8]) async throws {
    try directory.write(content, to: "it's a file", mode: 0o640)
    let file = try #require(try await observe("it's a file", contentLimit: 200_000).value)
    #expect(file.kind == .file && file.mode == 0o640 && file.size == content.count)
    #expect(file.uid == getuid() && file.gid == getgid())
    #expect(file.sha256 == SHA256.hexDigest(of: content))
    #expect(file.content == content)
    #expect(file.modified > 1_700_000_000)
  }

  @Test func contentIsCutAndNotBroughtUnasked() async throws {
    try directory.write("0123456789", to: "a")
    #expect(try await observe("a", contentLimit: 4).value?.content == Array("0123".utf8))
    let unasked = try #require(try await observe("a").value)
    #expect(unasked.content == nil && unasked.sha256 == SHA256.hexDigest(of: Array("0123456789".utf8)))
  }

  @Test func linksAndDirectoriesAreSeenThemselves() async throws {
    mkdir(directory.file("folder"), 0o751)
    symlink("generations/g1", directory.file("current"))
    symlink("new\nline", directory.file("odd"))
    mkfifo(directory.file("pipe"), 0o600)
    #expect(try await observe("folder").value?.kind == .directory)
    #expect(try await observe("folder").value?.mode == 0o751)
    #expect(try await observe("current").value?.kind == .symbolicLink(target: "generations/g1"))
    #expect(try await observe("odd").value?.kind == .symbolicLink(target: "new\nline"))
    #expect(try await observe("pipe", contentLimit: 10).value?.kind == .other)
  }

  @Test func unreadableIsNotAbsent() async throws {
    try directory.write("x", to: "file")
    symlink("loop", directory.file("loop"))
    #expect(try await observe("none") == .absent)
    #expect(try await observe("file/below") == .absent)
    #expect(try await observe("loop/below").unreadableReason?.contains("symbolic links") == true)
    let long = String(repeating: "n", count: 300)
    #expect(try await observe(long).unreadableReason?.contains("too long") == true)
  }

  @Test func manyAreSeenInOneRoundTrip() async throws {
    for number in 0..<100 { try directory.write("\(number)", to: "f\(number)") }
    let queries = (0..<101).map { FileQuery(directory.file("f\($0)"), contentLimit: 100) }
    let found = try await shell.observeFiles(queries, on: LocalGuest.target)
    #expect(found.count == 101)
    for number in 0..<100 {
      #expect(found[directory.file("f\(number)")]?.value?.content == Array("\(number)".utf8))
    }
    #expect(found[directory.file("f100")] == .absent)
  }

  @Test func aTalkativeLoginShellIsToldNotGuessedAt() async throws {
    let shell = LocalGuest.shell { $0 = ProcessCommand(["/bin/sh", "-c", "echo Welcome; \($0.argv[2])"]) }
    let failure = await #expect(throws: Failure.self) {
      try await shell.observeFiles([FileQuery("/etc/passwd")], on: LocalGuest.target)
    }
    #expect(failure?.hint?.contains("login shell") == true)
  }

  // MARK: The reader of foreign bytes

  private static let queries = [
    FileQuery("/a", contentLimit: 10), FileQuery("/b"), FileQuery("/c"), FileQuery("/d"),
  ]
  private static let digest = String(repeating: "ab", count: 32)
  private static let answer =
    "present\u{0}81a4 0 0 3 1700000000 root:root\u{0}\(digest)\u{0}\u{0}YWJj\u{0}"
    + "absent\u{0}error\u{0}no\u{0}present\u{0}a1ff 0 0 1 1 root:root\u{0}-\u{0}eA==\u{0}\u{0}end\u{0}"

  private func parse(_ bytes: [UInt8]) throws -> [Reading<ObservedFile>] {
    try ObservationScript.parse(bytes, queries: Self.queries)
  }

  @Test func aGoodAnswerIsRead() throws {
    let readings = try parse(Array(Self.answer.utf8))
    #expect(readings.first?.value?.content == Array("abc".utf8))
    #expect(readings[1] == .absent)
    #expect(readings[2] == .unreadable("/c: no"))
    #expect(readings.last?.value?.kind == .symbolicLink(target: "x"))
  }

  @Test func aFileThatChangedWhileReadIsUnreadable() throws {
    let torn = Self.answer.replacing("YWJj", with: "YWI=")
    #expect(try parse(Array(torn.utf8)).first?.unreadableReason != nil)
  }

  @Test(arguments: [
    ("81a4", "zz"), ("81a4", "-1"), (" 0 0 3", " 0 3"), ("0 0 3", "0 0 -3"), ("YWJj", "%%%%"),
    ("YWJj", "YWJjZGVmZ2hpamts"),
    ("abab", "ABAB"), ("absent", "Absent"), ("absent\u{0}", ""), ("end", "END"), ("eA==", ""),
    ("eA==", "/w=="),
    ("end\u{0}", "end\u{0}end\u{0}"),
  ])
  func aBadAnswerIsRefused(part: String, other: String) {
    let bad = Self.answer.replacing(part, with: other, maxReplacements: 1)
    #expect(throws: ObservationScript.Garbled.self) { try parse(Array(bad.utf8)) }
  }

  @Test func everyShortenedAnswerIsRefused() {
    let whole = Array(Self.answer.utf8)
    for length in whole.indices {
      #expect(throws: ObservationScript.Garbled.self) { try parse(Array(whole[..<length])) }
    }
  }

  /// Whatever comes, it is understood or refused: never a crash, never more readings than questions.
  @Test func fuzzedAnswersNeverConfuse() async throws {
    let whole = Array(Self.answer.utf8)
    try await Fuzzing.rounds { random in
      for _ in 0..<200 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          guard !bytes.isEmpty else { break }
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: place)
          case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
          default: bytes.insert(0, at: place)
          }
        }
        if let readings = try? parse(bytes) { #expect(readings.count == Self.queries.count) }
      }
    }
  }
}
