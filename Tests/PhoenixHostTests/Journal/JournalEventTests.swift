import PhoenixCore
import PhoenixHost
import Testing

@Suite struct JournalEventTests {
  @Test(arguments: [
    ("resource", "PHOENIX_RESOURCE"),
    ("PHOENIX_RESOURCE", "PHOENIX_RESOURCE"),
    ("drift.count", "PHOENIX_DRIFT_COUNT"),
    ("run-id", "PHOENIX_RUN_ID"),
    ("_hidden", "PHOENIX__HIDDEN"),
    ("größe", "PHOENIX_GR____E"),
    ("", "PHOENIX_"),
    (String(repeating: "a", count: 100), "PHOENIX_" + String(repeating: "A", count: 56)),
  ])
  func namesAreWhatTheJournalTakes(text: String, name: String) {
    #expect(JournalField(text).name == name)
  }

  @Test func fieldsAreInJournaldsForm() {
    let event = JournalEvent(
      .warning, "two\nlines", id: .driftFound, fields: [.resource: "proxmox/firewall/1001", .attempt: "2"])
    let lines = event.encoded(identifier: "phoenixd").map { String(decoding: $0, as: UTF8.self) }
    #expect(
      lines == [
        "PRIORITY=4", "SYSLOG_IDENTIFIER=phoenixd", "MESSAGE=two\nlines",
        "MESSAGE_ID=\(MessageID.driftFound.uuid)", "PHOENIX_ATTEMPT=2",
        "PHOENIX_RESOURCE=proxmox/firewall/1001",
      ])
  }

  @Test func textIsOneLineThatCannotSteerATerminal() {
    let event = JournalEvent(.error, "bad\n\u{1B}[2Jname\r", fields: [.system: "dns\u{2028}x"])
    #expect(event.text == "error: bad  [2Jname  system=dns x\n")
  }

  @Test func aSecretIsNotShown() {
    let secret = Secret("hunter2")
    let event = JournalEvent(.info, "token \(secret)", fields: [.reason: "\(secret)"])
    #expect(!event.text.contains("hunter2"))
  }
}
