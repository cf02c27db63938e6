import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct RemoteCommandTests {
  @Test(arguments: [
    (["a"], "'a'"), ([], ""), ([""], "''"), (["a b", "c"], "'a b' 'c'"), (["it's"], #"'it'\''s'"#),
    (["'"], #"''\'''"#), (["$(reboot)", "`x`", "\\"], #"'$(reboot)' '`x`' '\'"#),
  ])
  func wordsAreQuoted(words: [String], line: String) throws {
    #expect(try RemoteCommand.quote(words) == line)
  }

  @Test func aNULIsRefused() {
    #expect(throws: Failure.self) { try RemoteCommand.quote(["a", "b\u{0}c"]) }
  }

  /// What a shell makes of quoted words is those words.
  @Test func fuzzedWordsComeThroughAShell() async throws {
    let alphabet = [
      "'", "\"", "\\", "\n", "\r", "\t", " ", "$", "`", "!", "*", "?", "~", "-", "--", ";", "&", "|", "(",
      ")",
      "{", "}", "<", ">", "#", "=", "%s", "a", "Z", "0", "ü", "漢", "🔥", "\u{1}", "\u{7F}", "\u{301}",
    ]
    try await Fuzzing.rounds { random in
      let words = (0..<Int.random(in: 1...60, using: &random)).map { _ in
        (0..<Int.random(in: 0...12, using: &random)).map { _ in
          alphabet.randomElement(using: &random) ?? ""
        }.joined()
      }
      let line = "printf '%s\\0' " + (try RemoteCommand.quote(words))
      let result = try await Processes.run(ProcessCommand(["/bin/sh", "-c", line]))
      #expect(result.stdout == words.flatMap { Array($0.utf8) + [0] }, "\(words)")
    }
  }

  @Test(arguments: [(0, 0), (1, 1), (3, 3), (254, 254), (255, 254)] as [(Int32, Int32)])
  func onlySshItselfEndsWith255(own: Int32, told: Int32) async throws {
    let line = try RemoteCommand.line(["sh", "-c", "exit \(own)"], sudo: false, timeout: .seconds(5))
    #expect(try await Processes.run(ProcessCommand(["/bin/sh", "-c", line])).status == .exited(told))
  }

  @Test func sudoComesFirstAndNeverAsks() throws {
    let line = try RemoteCommand.line(["id"], sudo: true, timeout: .milliseconds(1500))
    #expect(line.hasPrefix("'sudo' '-n' '--' 'timeout' '-k' '5' '2' 'id' "))
  }

  @Test func aLineThatTheKernelWouldRefuseIsRefused() {
    let long = String(repeating: "x", count: 130_000)
    #expect(throws: Failure.self) { try RemoteCommand.line([long], sudo: false, timeout: .seconds(1)) }
  }
}
