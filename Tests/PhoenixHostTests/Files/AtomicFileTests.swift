import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@Suite struct AtomicFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(arguments: [0o600, 0o640, 0o644, 0o666] as [UInt32])
  func contentAndPermissionsAreExact(mode: UInt32) throws {
    try AtomicFile.write([1, 2, 3], to: directory.file("a"), mode: mode)
    #expect(try directory.read("a") == [1, 2, 3])
    #expect(directory.mode("a") == mode)
    #expect(try directory.names() == ["a"])
  }

  @Test func aFileIsReplacedAsAWhole() throws {
    let reader = directory.file("a")
    try AtomicFile.write([UInt8](repeating: 1, count: 100_000), to: reader)
    let old = open(reader, O_RDONLY)
    defer { close(old) }
    try AtomicFile.write([2], to: reader)
    var status = stat()
    #expect(fstat(old, &status) == 0 && status.st_size == 100_000)
    #expect(try directory.read("a") == [2])
  }

  @Test func aTemporaryLeftByAKillIsNoObstacle() throws {
    try directory.write("torn", to: "a.new")
    try AtomicFile.write([7], to: directory.file("a"))
    #expect(try directory.names() == ["a"])
  }

  @Test func aPlantedLinkIsNotFollowed() throws {
    try directory.write("precious", to: "victim")
    symlink(directory.file("victim"), directory.file("a.new"))
    try AtomicFile.write([7], to: directory.file("a"))
    #expect(try directory.text("victim") == "precious")
  }

  @Test func whatCannotBeReadSaysWhy() throws {
    try directory.write("12345", to: "five")
    mkdir(directory.file("folder"), 0o700)
    mkfifo(directory.file("pipe"), 0o600)
    #expect(try AtomicFile.read(directory.file("five"), limit: 5) == Array("12345".utf8))
    #expect(throws: FileError.tooLarge(path: directory.file("five"), limit: 4)) {
      try AtomicFile.read(directory.file("five"), limit: 4)
    }
    #expect(throws: FileError.missing(path: directory.file("none"))) {
      try AtomicFile.read(directory.file("none"), limit: 5)
    }
    for name in ["folder", "pipe"] {
      #expect(throws: FileError.unsuitable(path: directory.file(name), reason: "is no regular file")) {
        try AtomicFile.read(directory.file(name), limit: 5)
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskIsToldApartAndLeavesTheOldFile() throws {
    let disk = try SmallDisk(bytes: 65_536)
    let path = disk.directory.file("a")
    try AtomicFile.write([1], to: path)
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write([UInt8](repeating: 2, count: 200_000), to: path)
    }
    #expect(error?.isFull == true)
    #expect(error?.failure(doing: "x").persistence == .transient)
    #expect(try disk.directory.read("a") == [1])
    #expect(try disk.directory.names() == ["a"])
  }

  @Test func writesAreCounted() throws {
    let counter = WriteCounter()
    try AtomicFile.write([1], to: directory.file("a"), counter: counter)
    #expect(throws: FileError.self) {
      try AtomicFile.write([1], to: directory.file("no/such/folder"), counter: counter)
    }
    #expect(counter.value == 1)
  }
}
