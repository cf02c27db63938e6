import PhoenixCore
import Testing

@Suite struct ShapeTests {
  /// What is wrong with one container's line, and what people are told.
  @Test(arguments: [
    (
      "\"memory_mb\": \"lots\"",
      "1:28 error: memory_mb: expected a whole number of at least 16, found the string \"lots\""
    ),
    ("\"memory_mb\": 512.5", "1:28 error: memory_mb: expected a whole number of at least 16, found 512.5"),
    ("\"memory_mb\": -1", "1:28 error: memory_mb: expected a whole number of at least 16, found -1"),
    ("\"memory_mb\": [512]", "1:28 error: memory_mb: expected a whole number of at least 16, found a list"),
    (
      "\"unprivileged\": \"yes\"",
      "1:31 error: unprivileged: expected true or false, found the string \"yes\""
    ),
    ("\"unprivileged\": 1", "1:31 error: unprivileged: expected true or false, found 1"),
    ("\"cores\": null", "1:24 warning: cores: null is the same as no value"),
    ("\"features\": \"docker\"", "1:27 error: features: expected a list, found the string \"docker\""),
    ("\"features\": [\"docker\", 7]", "1:38 error: features: expected text that is not empty, found 7"),
    (
      "\"dependencies\": [\"abc\"]",
      "1:32 error: dependencies: expected the number of a guest, 100 to 999999999, found the string \"abc\""
    ),
    (
      "\"mac_address\": \"BC:24\"",
      "1:30 error: mac_address: expected a hardware address such as BC:24:11:00:01:03, found the string \"BC:24\""
    ),
    (
      "\"network_config\": {\"ip\": \"10.0.0.300/24\"}",
      "1:40 error: ip: expected an address with its prefix, such as 10.0.0.10/24, or dhcp, found the string \"10.0.0.300/24\""
    ),
    (
      "\"network_config\": {\"ip\": \"10.0.0.3\"}",
      "1:40 error: ip: expected an address with its prefix, such as 10.0.0.10/24, or dhcp, found the string \"10.0.0.3\""
    ),
    (
      "\"network_config\": \"dhcp\"",
      "1:33 error: network_config: expected an object, found the string \"dhcp\""
    ),
    (
      "\"network_config\": {\"nameservers\": \"dns\"}",
      "1:49 error: nameservers: expected addresses such as 10.0.0.13 8.8.8.8, found the string \"dns\""
    ),
    (
      "\"network_config\": {\"nameservers\": 8}",
      "1:49 error: nameservers: expected addresses such as 10.0.0.13 8.8.8.8 or a list, found 8"
    ),
    (
      "\"portainer_role\": \"agnet\"",
      "1:33 error: portainer_role: expected \"none\", \"primary\", \"agent\" or \"infrastructure\", found the string \"agnet\""
    ),
    ("\"traefik_service\": {\"port\": 70000}", "1:34 error: traefik_service: the key \"name\" is missing"),
    ("\"memroy_mb\": 512", "1:15 warning: the key \"memroy_mb\" is not known here and has no effect"),
    ("\"x\": \"\\u001b[31m\"", "1:15 warning: the key \"x\" is not known here and has no effect"),
    (
      "\"description\\u001b[2J\": 1",
      "1:15 warning: the key \"description\\u{1b}[2J\" is not known here and has no effect"
    ),
  ])
  func tellsWhatIsWrong(line: String, expected: String) throws {
    // The line begins at column 15.
    let messages = try Texts.messages([
      .containers: "{\"lxc_configs\":{\"900\":{\"name\":\"a\"}, \"901\": {\n\"name\":\"b\"}}}"
    ])
    #expect(messages.isEmpty)
    let text =
      "{\"lxc_configs\":\n\n{\"900\":{\"name\":\"a\"},\"901\":{\n\(String(repeating: " ", count: 2))\"name\":\"b\", \(line)}}}"
    let told = try Texts.messages([.containers: text])
    #expect(told.contains { $0.dropFirst($0.hasPrefix("4:") ? 2 : 0) == expected.dropFirst(2) }, "\(told)")
  }

  @Test(
    arguments: [
      ("memroy_mb", "memory_mb"), ("memory", "memory_mb"), ("memory-mb", "memory_mb"),
      ("memoryMb", "memory_mb"),
      ("dependancies", "dependencies"), ("feature", "features"), ("hwaddr", nil),
      ("storage_size", "storage_size_gb"),
      ("boot_oder", "boot_order"), ("trafik_service", "traefik_service"), ("core", "cores"),
      ("zzzzzzzz", nil), ("mount_point", "mount_points"), ("firewal", "firewall"),
    ] as [(String, String?)])
  func namesTheNearestKey(written: String, meant: String?) throws {
    let loaded = try Texts.load([.containers: "{\"lxc_configs\":{\"900\":{\"name\":\"a\",\"\(written)\":1}}}"]
    )
    let finding = try #require(loaded.findings.first { $0.message.contains("is not known here") })
    #expect(finding.severity == .warning)
    let all = "take it out; the schemas in /usr/share/phoenix/schema list what is known"
    #expect(finding.hint == meant.map { "did you mean \"\($0)\"?" } ?? all)
  }

  /// A key that is not there yet is more likely meant than one that is.
  @Test func aUsedKeyIsNamedLast() throws {
    let hints = { (keys: String) in
      try Texts.load([.hypervisor: "{\"firewall\":{\(keys)}}", .stacks: "{\"docker_stacks\":{\"s\":{}}}"])
        .findings.map(\.hint)
    }
    let misspelt = "\"default_xput_policy\": \"DROP\""
    #expect(try hints(misspelt) == ["did you mean \"default_input_policy\"?"])
    #expect(
      try hints("\"default_input_policy\": \"DROP\", \(misspelt)") == [
        "did you mean \"default_output_policy\"?"
      ])
    #expect(try hints("\"enabled\": true, \"enable\": true") == ["did you mean \"enabled\"?"])
  }

  /// core_paths holds keys that Phoenix only carries; a likely slip is told all the same.
  @Test func openObjectsTellOnlySlips() throws {
    let text = "{\"core_paths\": {\"my_own_path\": \"x\", \"lxc_confg_file\": \"y\"}}"
    let loaded = try Texts.load([.hypervisor: text])
    #expect(
      loaded.findings.filter { $0.severity == .warning }.map(\.hint) == ["did you mean \"lxc_config_file\"?"])
  }

  @Test func secretsAreNotShown() throws {
    let loaded = try Texts.load([
      .hypervisor: "{\"portainer_api\": {\"admin_password\": [\"hunter2\"], \"api_key\": 4711}}"
    ])
    let text = FindingsText.render(loaded.findings)
    #expect(text.contains("admin_password: expected one line of text, found something else"))
    #expect(!text.contains("hunter2") && !text.contains("4711"))
  }

  /// All mistakes are told in one run, in the order of the file.
  @Test func everyMistakeIsTold() throws {
    let guests = (100..<150).map { "\"\($0)\":{\"name\":\"n\($0)\",\"cores\":\"x\",\"memroy_mb\":1}" }
    let loaded = try Texts.load([.containers: "{\"lxc_configs\":{\(guests.joined(separator: ",\n"))}}"])
    #expect(loaded.findings.count == 100)
    #expect(loaded.findings.compactMap(\.location) == loaded.findings.compactMap(\.location).sorted())
  }

  /// A file of nothing but mistakes is bounded: in findings, and in time.
  @Test(.timeLimit(.minutes(1))) func mistakesAreBounded() throws {
    let keys = (0..<20_000).map { "\"memory_m\($0)\":1" }.joined(separator: ",")
    let loaded = try Texts.load([.containers: "{\"lxc_configs\":{\"900\":{\"name\":\"a\",\(keys)}}}"])
    #expect(loaded.findings.count <= 1001)
    let dependencies = (0..<50_000).map { _ in "4711" }.joined(separator: ",")
    let dangling = try Texts.load([
      .containers: "{\"lxc_configs\":{\"900\":{\"name\":\"a\",\"dependencies\":[\(dependencies)]}}}"
    ])
    #expect(dangling.findings.count == 1001)
    #expect(dangling.findings.last?.message.hasSuffix("49000 more findings are not listed") == false)
    #expect(dangling.hasErrors)
  }
}
