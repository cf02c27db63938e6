import FoundationEssentials
import PhoenixHost
import Testing

@Suite struct CatalogTests {
  private struct Entry {
    let id: String
    let headers: [String]
    let text: String
  }

  private static func entries() throws -> [Entry] {
    let catalog = try String(contentsOf: Repository.file("systemd/phoenix.catalog"), encoding: .utf8)
    return catalog.split(separator: "\n-- ").dropFirst().map { part in
      let lines = part.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let blank = lines.firstIndex(of: "") ?? lines.count
      return Entry(
        id: lines[0], headers: Array(lines[1..<blank]), text: lines[blank...].joined(separator: "\n"))
    }
  }

  @Test func everyEventHasItsTextAndEveryTextItsEvent() throws {
    #expect(try Self.entries().map(\.id).sorted() == MessageID.allCases.map(\.uuid).sorted())
  }

  @Test func identitiesAreInJournaldsForm() {
    for id in MessageID.allCases {
      #expect(id.uuid.count == 32 && id.uuid.allSatisfy { $0.isHexDigit && !$0.isUppercase }, "\(id)")
    }
  }

  @Test func everyTextHasASubjectAndSaysSomething() throws {
    for entry in try Self.entries() {
      #expect(entry.headers.contains { $0.hasPrefix("Subject: ") }, "\(entry.id)")
      #expect(entry.text.count > 20, "\(entry.id)")
    }
  }

  /// `@PHOENIX_X@` in a text is replaced by the line's field: one that no line has would stay as it is.
  @Test func textsNameOnlyFieldsThatExist() throws {
    let fields: [JournalField] = [
      .runID, .resource, .system, .node, .vmid, .action, .outcome, .generation, .reason, .digest, .risk,
      .certificate, .endpoint, .dropped,
    ]
    let known = Set(fields.map(\.name))
    for entry in try Self.entries() {
      for name in entry.text.split(separator: "@").filter({ $0.hasPrefix("PHOENIX_") }) {
        #expect(known.contains(String(name)), "\(entry.id) names \(name)")
      }
    }
  }

  @Test(.enabled(if: Repository.hasTool("journalctl"))) func journalctlTakesTheCatalog() async throws {
    let root = try TemporaryDirectory()
    let folder = root.file("usr/lib/systemd/catalog")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: root.file("var/lib/systemd/catalog"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Repository.path("systemd/phoenix.catalog"), toPath: "\(folder)/phoenix.catalog")
    let update = try await Processes.run(
      ProcessCommand(["journalctl", "--root=\(root.path)", "--update-catalog"]))
    #expect(update.status.isSuccess, "\(update.account)")
    let list = try await Processes.run(
      ProcessCommand(["journalctl", "--root=\(root.path)", "--list-catalog"]))
    #expect(list.text.split(separator: "\n").count == MessageID.allCases.count, "\(list.account)")
  }
}
