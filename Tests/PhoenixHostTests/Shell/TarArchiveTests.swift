import Testing

@testable import PhoenixHost

@Suite struct TarArchiveTests {
  @Test(arguments: [0, 1, 511, 512, 513, 100_000]) func tarReadsWhatIsWritten(size: Int) async throws {
    let directory = try TemporaryDirectory()
    let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let longest = String(repeating: "n", count: 100)
    var archive = TarArchive()
    archive.add(longest, content)
    archive.add("second", [1, 2, 3])
    archive.end()
    let result = try await Processes.run(
      ProcessCommand(["tar", "-x", "-f", "-", "-C", directory.path], stdin: archive.bytes))
    #expect(result.status.isSuccess && result.stderr.isEmpty, "\(result.account)")
    #expect(try directory.read(longest) == content)
    #expect(try directory.read("second") == [1, 2, 3])
    #expect(directory.mode("second") == 0o600)
  }
}
