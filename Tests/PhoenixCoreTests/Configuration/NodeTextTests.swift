import PhoenixCore
import Testing

@Suite struct NodeTextTests {
  @Test func theDigestIsOfWhatIsSaid() throws {
    let digest = { (text: String) in try Texts.load([.hypervisor: text]).desiredDigest }
    let one = try digest(
      #"{"domain_name":"a.example","portainer_api":{"admin_password":"x","admin_user":"u"}}"#)
    #expect(one.count == 64)
    // Neither order, space, escapes, the schema's name nor a secret's value count.
    #expect(
      try digest(
        #"{"$schema":"x", "portainer_api": {"admin_user":"\u0075","admin_password":"y"}, "domain_name":"a.example" }"#
      )
        == one)
    #expect(
      try digest(#"{"domain_name":"b.example","portainer_api":{"admin_password":"x","admin_user":"u"}}"#)
        != one)
    #expect(try digest(#"{"domain_name":"a.example","portainer_api":{"admin_user":"u"}}"#) != one)
    #expect(
      try digest(#"{"domain_name":"a.example"}"#)
        != Texts.load([.containers: #"{"domain_name":"a.example"}"#]).desiredDigest)
  }

  @Test(arguments: ConfigurationPart.allCases)
  func whatIsWrittenIsReadAgain(part: ConfigurationPart) throws {
    let node = try Texts.node(String(decoding: Texts.source("etc/phoenix/\(part.fileName)"), as: UTF8.self))
    let canonical = node.canonicalText
    #expect(JSONText.parse(canonical, file: "f").root?.canonicalText == canonical)
    #expect(JSONText.parse(Array(node.prettyText.utf8), file: "f").root?.canonicalText == canonical)
  }

  @Test func pretty() throws {
    let node = try Texts.node(#"{"b":[1,{"c":"\u0001\n\""}],"a":{},"d":[]}"#)
    #expect(
      node.prettyText == """
        {
          "b": [
            1,
            {
              "c": "\\u0001\\n\\""
            }
          ],
          "a": {},
          "d": []
        }

        """)
  }

  @Test(arguments: [
    (#"{"a":1,"b":{"c":2,"d":3}}"#, #"{"b":{"d":4,"e":5},"f":6}"#, #"{"a":1,"b":{"c":2,"d":4,"e":5},"f":6}"#),
    (#"{"a":[1,2]}"#, #"{"a":[3]}"#, #"{"a":[3]}"#), (#"{"a":{"b":1}}"#, #"{"a":2}"#, #"{"a":2}"#),
    (#"{}"#, #"{}"#, #"{}"#),
  ])
  func merging(base: String, over: String, merged: String) throws {
    let result = try Texts.node(base).merged(with: Texts.node(over))
    #expect(String(decoding: result.canonicalText, as: UTF8.self) == merged)
  }

  @Test func findingsAsText() {
    let place = Location(file: "a\u{1b}.json", line: 3, column: 7)
    let text = FindingsText.render([
      Finding(.error, at: place, "wrong\nvery", hint: "do\u{7}"),
      Finding(.warning, resource: ResourceID(.proxmox, "container", "103"), "odd"), Finding(.note, "so"),
    ])
    #expect(
      text == """
        a\\u{1b}.json:3:7: error: wrong\\nvery
          hint: do\\u{7}
        warning: proxmox/container/103: odd
        note: so

        """)
    #expect(FindingsText.render([]) == "")
  }

  @Test(
    arguments: [
      ([], "no errors, no warnings"), ([.note], "no errors, no warnings"), ([.error], "1 error"),
      ([.warning, .warning], "2 warnings"), ([.error, .warning, .error], "2 errors, 1 warning"),
    ] as [([Finding.Severity], String)])
  func summaries(severities: [Finding.Severity], words: String) {
    #expect(FindingsText.summary(severities.map { Finding($0, "x") }) == words)
  }

  @Test func findingsAreInOrder() {
    let at = { (file: String, line: Int) in Location(file: file, line: line, column: 1) }
    let findings = [
      Finding(.warning, at: at("b", 2), "x"), Finding(.error, at: at("b", 10), "y"),
      Finding(.note, at: at("a", 5), "z"),
      Finding(.error, at: at("b", 2), "w"), Finding(.warning, at: at("b", 2), "x"), Finding(.error, "first"),
    ]
    #expect(findings.inOrder.map(\.message) == ["first", "z", "w", "x", "y"])
  }
}
