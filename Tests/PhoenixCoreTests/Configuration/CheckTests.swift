import PhoenixCore
import Testing

/// Each mistake beyond the shape of a value, and what people are told.
@Suite struct CheckTests {
  @Test(arguments: [
    (
      #"{"100":{"name":"a","dependencies":["100"]}}"#,
      ["error: these guests wait for one another: 100 -> 100"]
    ),
    (
      #"{"101":{"name":"a","dependencies":["103"]},"102":{"name":"b","dependencies":[101]},"103":{"name":"c","clone_from_ctid":"102"}}"#,
      ["error: these guests wait for one another: 101 -> 103 -> 102 -> 101"]
    ),
    (
      #"{"101":{"name":"a","dependencies":["102","103"]},"102":{"name":"b","dependencies":["101"]},"103":{"name":"c","dependencies":["101"]}}"#,
      [
        "error: these guests wait for one another: 101 -> 102 -> 101",
        "error: these guests wait for one another: 101 -> 103 -> 101",
      ]
    ),
    (#"{"101":{"name":"a","dependencies":["102","102"]},"102":{"name":"b"}}"#, []),
    (
      #"{"100":{"name":"a","dependencies":["104"]}}"#,
      ["error: a (100) depends on 104, and no guest has that number"]
    ),
    (
      #"{"100":{"name":"a","clone_from_ctid":104}}"#,
      ["error: a (100) is cloned from 104, and no guest has that number"]
    ),
    (
      #"{"100":{"name":"a"},"101":{"name":"A"}}"#,
      ["error: A (101) has the name a of a (100), at phoenix_lxc_configs.json:1:31"]
    ),
    (
      #"{"100":{"name":"a","network_config":{"ip":"10.0.0.9/24"}},"101":{"name":"b","secondary_network_config":{"ip":"10.0.0.9/16"}}}"#,
      ["error: b (101) has the address 10.0.0.9 of a (100), at phoenix_lxc_configs.json:1:58"]
    ),
    (
      #"{"100":{"name":"a","mac_address":"BC:24:11:00:00:01"},"101":{"name":"b","network_config":{"hwaddr":"bc:24:11:00:00:01"}}}"#,
      [
        "error: b (101) has the hardware address BC:24:11:00:00:01 of a (100), at phoenix_lxc_configs.json:1:49"
      ]
    ),
    (
      #"{"100":{"name":"a","traefik_service":{"name":"s","port":1}},"101":{"name":"b","traefik_service":{"name":"S","port":2}}}"#,
      ["error: b (101) has the service name s of a (100), at phoenix_lxc_configs.json:1:61"]
    ),
    (
      #"{"100":{"name":"a","firewall":{"rules":[{"type":"in","action":"ACCEPT","port":"80"}]}}}"#,
      ["error: a rule with ports needs the protocol tcp or udp"]
    ),
    (
      #"{"100":{"name":"a","firewall":{"rules":[{"type":"in","action":"ACCEPT","port":"80","proto":"icmp"}]}}}"#,
      ["error: a rule with ports needs the protocol tcp or udp"]
    ),
    (
      #"{"100":{"name":"a","firewall":{"enabled":false,"rules":[{"type":"in","action":"DROP"}]}}}"#,
      ["warning: the firewall of a (100) is switched off beside its rules: its 1 rules have no effect"]
    ),
  ])
  func containers(guests: String, expected: [String]) throws {
    let told = try Self.told([.containers: "{\"lxc_configs\":\(guests)}"])
    #expect(told == expected)
  }

  @Test(arguments: [
    (
      #"{"vmid":900,"name":"b"}"#,
      ["error: the number 900 is given twice; \"a\" has it at phoenix_lxc_configs.json:1:17"]
    ),
    (
      #"{"vmid":1000,"name":"b","clone_from_vmid":900}"#,
      ["error: b (1000) is cloned from 900, which is a container"]
    ),
    (
      #"{"vmid":1000,"name":"b","docker_stacks":["qdrnt","other"]}"#,
      [
        "error: b (1000) runs the stack \"qdrnt\", which is not declared",
        "error: b (1000) runs the stack \"other\", which is not declared",
      ]
    ),
    (#"{"vmid":1000,"name":"b","docker_stacks":["qdrant",{"name":"qdrant","environment":"testing"}]}"#, []),
    (
      #"{"vmid":1000,"name":"b","docker_stacks":[{"name":"qdrant","environment":"development"}]}"#,
      [
        "error: the stack \"qdrant\" has no environment \"development\""
      ]
    ),
    (
      #"{"vmid":1000,"name":"b","swarm_role":"worker","network_config":{"ip":"10.0.0.2/24"}}"#,
      [
        "error: b (1000) is a swarm worker, and no guest is a manager"
      ]
    ),
    (
      #"{"vmid":1000,"name":"b","swarm_role":"manager","network_config":{"ip":"dhcp"}}"#,
      [
        "error: b (1000) is a swarm node without a static address"
      ]
    ),
    (
      #"{"vmid":1000,"name":"b","swarm_role":"manager","docker_stacks":["open"],"network_config":{"ip":"10.0.0.2/24"}}"#,
      [
        "error: the rule admits 2375/tcp to the swarm node b (1000): its ports 2370:2380 hold it"
      ]
    ),
    (
      #"{"vmid":1000,"name":"b","portainer_role":"primary","swarm_role":"manager","network_config":{"ip":"10.0.0.2/24"}},{"vmid":1001,"name":"c","portainer_role":"primary"}"#,
      [
        "error: c (1001) is a second primary of Portainer beside b (1000)"
      ]
    ),
    (
      #"{"vmid":1000,"name":"b","portainer_role":"primary","network_config":{"ip":"10.0.0.2/24"}}"#,
      [
        "note: b (1000) is taken for a swarm manager: no guest has a swarm_role, and its portainer_role is primary"
      ]
    ),
  ])
  func machines(machines: String, expected: [String]) throws {
    let stacks = """
      {"docker_stacks": {"qdrant": {"environments": {"testing": {}}}, "open": {"environments": {"production":
        {"firewall_rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "2370:2380"}]}}}}}
      """
    let texts: [ConfigurationPart: String] = [
      .machines: "{\"vms\":[\(machines)]}", .containers: #"{"lxc_configs":{"900":{"name":"a"}}}"#,
      .stacks: stacks,
    ]
    let told = try Self.told(texts)
    #expect(told == expected)
  }

  @Test(arguments: [
    (
      #""sans":["other.example"]"#,
      ["error: the name \"other.example\" is not in the domain internal.example"]
    ),
    (#""sans":["other.example"],"allow_outside_domain":true"#, []),
    (#""sans":["*.internal.example","10.0.0.1","localhost","::1"]"#, []),
    (
      #""sans":["a.internal.example\nDNS:evil.example"]"#,
      [
        "error: sans: expected a host name such as nginx.internal.example, *.internal.example or an address, found the string \"a.internal.example\\nDNS:evil.example\""
      ]
    ),
    (#""guest_id":104"#, ["error: \"x.internal.example\" goes to 104, and no guest has that number"]),
    (#""guest_id":"101","guest_type":"vm""#, ["error: a (101) is of the type lxc"]),
    (
      #""deploy":[{"guest_id":104,"cert_path":"/a","key_path":"/b"}]"#,
      ["error: \"x.internal.example\" goes to 104, and no guest has that number"]
    ),
    (
      #""deploy":[{"guest_id":101,"cert_path":"/a","key_path":"/a"}]"#,
      ["error: the file \"/a\" is written already, by certificate-manifest.json:1:125"]
    ),
    (
      #""deploy":[{"guest_id":101,"cert_path":"/a","key_path":"/b"},{"guest_id":102,"cert_path":"/a","key_path":"/b"}]"#,
      []
    ),
    (
      #""deploy":[{"guest_id":101,"cert_path":"/etc/ssl/a.crt","key_path":"/etc/shadow","ca_path":"/usr/lib/a"}]"#,
      [
        "error: \"/etc/shadow\" belongs to the guest's system, and would be replaced",
        "error: \"/usr/lib/a\" belongs to the guest's system, and would be replaced",
      ]
    ),
    (#""deploy":[{"guest_id":101,"cert_path":"/etc/shadow.crt","key_path":"/usr/library/a"}]"#, []),
    (#""permissions":"644""#, ["warning: with permissions 644 everybody could read the key"]),
    (#""lifetime":"2m""#, ["error: a lifetime of less than 5m cannot be kept up"]),
    (
      #""post_renewal_command":"pct exec 101 -- systemctl reload nginx && date""#,
      ["error: post_renewal_command cannot be run: '&' needs a shell"]
    ),
    (
      #""post_renewal_command":"pct exec 101 -- systemctl reload nginx""#,
      ["note: instead of post_renewal_command nginx is tested, reloaded and proved by a handshake"]
    ),
    (
      #""post_renewal_command":"qm guest exec 101 -- date""#,
      ["error: post_renewal_command reaches a (101) with qm, and it is a container"]
    ),
    (
      #""post_renewal_command":"pct exec 104 -- date""#,
      ["error: post_renewal_command is run in 104, and no guest has that number"]
    ),
    (
      #""post_renewal_command":"pct exec 101 --""#,
      ["error: post_renewal_command names a guest and no command"]
    ),
    (#""post_renewal_command":"pct exec 101 -- date""#, []),
    (
      #""owner":"root""#,
      ["error: owner: expected a user and a group such as root:www-data, found the string \"root\""]
    ),
    (
      #""cert_type":"peer""#,
      ["error: cert_type: expected \"server\" or \"client\", found the string \"peer\""]
    ),
  ])
  func certificates(part: String, expected: [String]) throws {
    let entry =
      #"[{"common_name":"x.internal.example","cert_path":"/etc/x.crt","key_path":"/etc/x.key",\#(part)}]"#
    let told = try Self.told(Self.beside(certificates: entry))
    #expect(told == expected)
  }

  @Test(arguments: [
    (#"{"common_name":"../../x","cert_path":"/a","key_path":"/b"}"#, "common_name: expected a host name"),
    (
      #"{"common_name":"x.internal.example\n","cert_path":"/a","key_path":"/b"}"#,
      "common_name: expected a host name"
    ),
    (
      #"{"common_name":"x.internal.example","cert_path":"/a/../../etc/shadow","key_path":"/b"}"#,
      "cert_path: expected a path"
    ),
    (#"{"common_name":"x.internal.example","cert_path":"a","key_path":"/b"}"#, "cert_path: expected a path"),
    (
      #"{"common_name":"x.internal.example","cert_path":"/a","key_path":"/b\u0000"}"#,
      "key_path: expected a path"
    ),
    (
      #"{"common_name":"x.internal.example","cert_path":"/a","key_path":"/a"}"#,
      "the file \"/a\" is written already"
    ),
    (#"{"common_name":"x.internal.example","key_path":"/b"}"#, "the key \"cert_path\" is missing"),
    (#"{"common_name":"x","cert_path":"/a","key_path":"/b"}"#, "the name \"x\" is not in the domain"),
    (#""x""#, "expected an object"),
  ])
  func hostileEntriesAreRefused(entry: String, expected: String) throws {
    let loaded = try Texts.load(Self.beside(certificates: "[\(entry)]"))
    #expect(
      loaded.findings.contains { $0.severity == .error && $0.message.contains(expected) },
      "\(loaded.findings)")
  }

  @Test func theSameNameTwice() throws {
    let entry = { (path: String) in
      #"{"common_name":"x.internal.example","cert_path":"/\#(path).crt","key_path":"/\#(path).key"}"#
    }
    let told = try Self.told(Self.beside(certificates: "[\(entry("a")),\(entry("b"))]"))
    #expect(
      told == [
        "error: a second entry for \"x.internal.example\"; the first is at certificate-manifest.json:1:17"
      ])
  }

  /// The directory of the authority's keys, seen in every way that files can show it.
  @Test(arguments: [
    (#""mount_points":[{"host_path":"/mnt/pve/pool/103/ssl","container_path":"/x"}]"#, "{}", true),
    (#""mount_points":[{"host_path":"/mnt/pve/pool/103/ssl/certs","container_path":"/x"}]"#, "{}", true),
    (#""mount_points":[{"host_path":"/mnt/pve/pool","container_path":"/x"}]"#, "{}", true),
    (#""mount_points":[{"host_path":"/pool/103","container_path":"/x"}]"#, "{}", true),
    (
      #""mount_points":[{"host_path":"/mnt/pve/pool/103/ssl2","container_path":"/etc/step-ca/ssl"}]"#, "{}",
      false
    ),
    (#""mount_points":[{"host_path":"/mnt/pve/pool/101","container_path":"/x"}]"#, "{}", false),
    (
      "\"cores\":1", #"{"shared_volumes":{"s":{"host_path":"/mnt/pve/pool/103/ssl","mounts":{"101":"/x"}}}}"#,
      true
    ),
    (
      "\"cores\":1", #"{"shared_volumes":{"s":{"host_path":"/mnt/pve/pool/103/ssl","mounts":{"103":"/x"}}}}"#,
      false
    ),
    ("\"cores\":1", #"{"nfs":{"exports":[{"path":"/pool","clients":["10.0.0.0/24"]}]}}"#, true),
    ("\"cores\":1", #"{"nfs":{"exports":[{"path":"/pool/101","clients":["10.0.0.0/24"]}]}}"#, false),
    ("\"cores\":1", #"{"samba":{"shares":[{"name":"s","path":"pool/103"}]}}"#, true),
  ])
  func theAuthoritysDirectory(guest: String, hypervisor: String, isExposed: Bool) throws {
    let containers = """
      {"lxc_configs":{"103":{"name":"ca","features":["step_ca"],"mount_points":
        [{"host_path":"/mnt/pve/pool/103/ssl","container_path":"/etc/step-ca/ssl"}]}, "101":{"name":"a",\(guest)}}}
      """
    let loaded = try Texts.load([.containers: containers, .hypervisor: hypervisor])
    #expect(loaded.hasErrors == isExposed, "\(loaded.findings)")
    #expect(loaded.findings.contains { $0.message.contains("keys count as compromised") } == isExposed)
  }

  @Test(arguments: [
    (
      #"{"portainer_api":{"admin_password":"x"}}"#,
      ["warning: portainer_api.admin_password is a secret in a file that others can read"]
    ),
    (#"{"portainer_api":{"admin_password":""}}"#, []),
    (
      #"{"portainer_api":{"api_key":"x"}}"#,
      ["warning: portainer_api.api_key is a secret in a file that others can read"]
    ),
    (
      #"{"zfs":{"pools":[{"name":"rpool"}],"datasets":[{"name":"a","pool":"rpol"}]}}"#,
      ["error: the dataset is in the pool \"rpol\", which is not declared"]
    ),
    (
      #"{"shared_volumes":{"s":{"host_path":"/a","mounts":{"953":"/x"}}}}"#,
      ["warning: the shared volume \"s\" is for guest 953, and no guest has that number"]
    ),
    (
      #"{"network":{"interfaces":{"name":"vmbr0","address":"10.0.0.8/24"}}}"#,
      ["error: a (101) has the address 10.0.0.8 of the hypervisor, at phoenix_hypervisor_config.json:1:52"]
    ),
    (
      #"{"network":{"interfaces":{"name":"vmbr0","address":"10.0.0.7/24","gateway":"10.0.0.8"}}}"#,
      ["error: a (101) has the address 10.0.0.8 of the gateway, at phoenix_hypervisor_config.json:1:76"]
    ),
  ])
  func hypervisor(text: String, expected: [String]) throws {
    let containers = #"{"lxc_configs":{"101":{"name":"a","network_config":{"ip":"10.0.0.8/24"}}}}"#
    let told = try Self.told([.hypervisor: text, .containers: containers])
    #expect(told == expected)
  }

  @Test(arguments: [
    (#"{"policy":{"allow":["safe","destructive"]}}"#, ["error: no policy can allow what is destructive"]),
    (
      #"{"policy":{"windows":[{"from":"01:00","to":"02:00","allow":["destructive"]}]}}"#,
      ["error: no policy can allow what is destructive"]
    ),
    (#"{"intervals":{"proxmox":"500ms"}}"#, ["error: proxmox: less than 1s is not possible"]),
    (
      #"{"policy":{"self_heal":"yes"}}"#,
      ["error: self_heal: expected true or false or an object, found the string \"yes\""]
    ),
    (
      #"{"policy":{"self_heal":{"step-ca":false}}}"#,
      ["warning: the key \"step-ca\" is not known here and has no effect"]
    ),
    (
      #"{"policy":{"max_changed_fraction":1.5}}"#,
      ["error: max_changed_fraction: expected a number from 0.0 to 1.0, found 1.5"]
    ),
    (
      #"{"shell":{"overrides":{"104":{"via":"ssh"}}}}"#,
      ["error: shell.overrides is about 104, and no guest has that number"]
    ),
    (
      #"{"shell":{"overrides":{"101":{"via":"agent"}}}}"#,
      ["error: a (101) is a container, which has no guest agent"]
    ),
    (
      #"{"proxmox":{"token_credential":"../../etc/shadow"}}"#,
      ["error: token_credential: expected a name without /, found the string \"../../etc/shadow\""]
    ),
  ])
  func daemon(text: String, expected: [String]) throws {
    #expect(
      try Self.told([.daemon: text, .containers: #"{"lxc_configs":{"101":{"name":"a"}}}"#]) == expected)
  }

  @Test func aVariableThatLooksLikeASecret() throws {
    let variables = [
      ("DB_PASSWORD", "x"), ("DB_PASSWORD_FILE", "/x"), ("API_TOKEN", "$X"), ("PORT", "1"), ("SECRET", ""),
    ]
    .map { #"{"name":"\#($0.0)","value":"\#($0.1)"}"# }.joined(separator: ",")
    let told = try Self.told([
      .stacks: #"{"docker_stacks":{"s":{"environments":{"production":{"variables":[\#(variables)]}}}}}"#
    ])
    #expect(
      told == ["warning: the variable \"DB_PASSWORD\" of the stack \"s\" looks like a secret in a file"])
  }

  @Test func nothingDeclaredIsAnError() throws {
    for texts in [[:], [.containers: "{}", .machines: "{\"vms\":[]}", .certificates: "[]"]]
      as [[ConfigurationPart: String]]
    {
      #expect(try Self.told(texts) == ["error: neither guests nor stacks nor certificates are declared"])
    }
    #expect(
      try Self.told([.certificates: #"[{"common_name":"a.b","cert_path":"/a","key_path":"/b"}]"#]).isEmpty)
    #expect(try Self.told([.stacks: #"{"docker_stacks":{"s":{}}}"#]).isEmpty)
  }

  /// What an unreadable file would declare is not known, so nothing dangles.
  @Test func nothingDanglesIntoAnUnreadableFile() throws {
    var nodes = ConfigurationNodes()
    nodes.containers = try Texts.node(#"{"lxc_configs":{"100":{"name":"a","dependencies":["1001"]}}}"#)
    #expect(LoadedConfiguration(nodes).hasErrors)
    nodes.unreadable = [.machines]
    #expect(LoadedConfiguration(nodes).findings.isEmpty)
    #expect(LoadedConfiguration(ConfigurationNodes.unreadable(ConfigurationPart.allCases)).findings.isEmpty)
  }

  /// A chain of 10,000 guests is no cycle, and is not walked by recursion.
  @Test(.timeLimit(.minutes(1))) func longChainsAreWalked() throws {
    let guests = (0..<10_000).map { "\"\(100 + $0)\":{\"name\":\"n\($0)\",\"dependencies\":[\(101 + $0)]}" }
    let closed = guests.dropLast() + ["\"10099\":{\"name\":\"last\",\"dependencies\":[100]}"]
    let open = guests.dropLast() + ["\"10099\":{\"name\":\"last\"}"]
    #expect(try Self.told([.containers: "{\"lxc_configs\":{\(open.joined(separator: ","))}}"]).isEmpty)
    let told = try Self.told([.containers: "{\"lxc_configs\":{\(closed.joined(separator: ","))}}"])
    #expect(told.count == 1)
    #expect(told.first?.hasPrefix("error: these guests wait for one another: 100 -> 101 -> ") == true)
  }

  private static func beside(certificates: String) -> [ConfigurationPart: String] {
    [
      .certificates: certificates, .hypervisor: #"{"domain_name":"internal.example"}"#,
      .containers: #"{"lxc_configs":{"101":{"name":"a"},"102":{"name":"b"}}}"#,
    ]
  }

  /// What is told, without places.
  private static func told(_ texts: [ConfigurationPart: String]) throws -> [String] {
    try Texts.load(texts).findings.map { "\($0.severity.rawValue): \($0.message)" }
  }
}

extension ConfigurationNodes {
  fileprivate static func unreadable(_ parts: [ConfigurationPart]) -> ConfigurationNodes {
    var nodes = ConfigurationNodes()
    nodes.unreadable = Set(parts)
    return nodes
  }
}
