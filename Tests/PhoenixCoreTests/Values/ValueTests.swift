import PhoenixCore
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    ("10.0.0.13", "10.0.0.13"), ("::", "::"), ("::1", "::1"), ("fd00:0:0:0:0:0:0:1", "fd00::1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("FD00::ABCD", "fd00::abcd"), ("::ffff:10.0.0.1", "::ffff:a00:1"), ("1::", "1::"), ("0:0:1::", "0:0:1::"),
  ])
  func addressesAreWrittenInOneWay(text: String, canonical: String) throws {
    #expect(try #require(IPAddress(text)).description == canonical)
  }

  @Test(arguments: [
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", ":1", "1:", "1:2:3:4:5:6:7::8", ":::", "+1::",
    "1.2.3.4.5",
    "256.1.1.1", "1.1.1", "01.1.1.1", "1.1.1.1 ", "", "a", "1:2:3:4:5:6:1.2.3.4:8",
  ])
  func othersAreNone(text: String) { #expect(IPAddress(text) == nil) }

  @Test(arguments: [
    ("10.0.0.0/24", "10.0.0.255", true), ("10.0.0.77/24", "10.0.0.1", true),
    ("10.0.0.0/24", "10.0.1.0", false),
    ("0.0.0.0/0", "255.255.255.255", true), ("10.0.0.1/32", "10.0.0.1", true),
    ("10.0.0.1/32", "10.0.0.2", false),
    ("fd00::/64", "fd00::ffff:0:0:1", true), ("fd00::/64", "fd00:0:0:1::", false),
    ("fd00::/120", "fd00::ff", true),
    ("fd00::/120", "fd00::1ff", false), ("::/0", "fd00::1", true), ("::/0", "10.0.0.1", false),
    ("fd00::/128", "fd00::", true),
  ])
  func blocksContain(block: String, address: String, contains: Bool) throws {
    #expect(try #require(AddressBlock(block)).contains(try #require(IPAddress(address))) == contains)
  }

  @Test(arguments: [
    ("443,80", "80,443"), ("80:90,85:100,101", "80:101"), ("ssh,https", "22,443"), ("1:65535", "1:65535"),
    ("80,80", "80"), ("docker", "2375"),
  ])
  func portsAreMerged(text: String, merged: String) throws {
    #expect(try #require(PortRange.list(text)).map(\.description).joined(separator: ",") == merged)
  }

  @Test(
    arguments: [
      ("30s", 30_000), ("1h30m", 5_400_000), ("500ms", 500), ("1d", 86_400_000), ("90m", 5_400_000),
      ("1m1ms", 60_001),
    ] as [(String, Int64)])
  func durations(text: String, milliseconds: Int64) throws {
    let duration = try #require(Duration(configurationText: text))
    #expect(duration == .milliseconds(milliseconds))
    #expect(Duration(configurationText: duration.configurationText) == duration)
  }

  @Test(
    arguments: [
      ("https://10.0.0.13:8006", "https", nil, "10.0.0.13", 8006, ""),
      ("https://a.example/x/", "https", nil, "a.example", 443, "/x"),
      ("ssh://root@10.0.0.13", "ssh", "root", "10.0.0.13", 22, ""),
      ("tcp://[fd00::1]:2376", "tcp", nil, "fd00::1", 2376, ""),
      ("HTTPS://[fd00::1]", "https", nil, "fd00::1", 443, ""),
    ] as [(String, String, String?, String, Int, String)])
  func serviceAddresses(text: String, scheme: String, user: String?, host: String, port: Int, path: String)
    throws
  {
    let address = try #require(ServiceAddress(text))
    #expect(address.scheme == scheme && address.user == user && address.host == host)
    #expect(address.port == port && address.path == path)
    #expect(ServiceAddress(address.description) == address)
  }

  @Test(arguments: [
    ("10.0.0.0/24", "10.0.0.0/24"), ("10.0.0.1/32", "10.0.0.1"), (" 10.0.0.1 , +set", "10.0.0.1,+set"),
    ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"), ("dc/nas", "dc/nas"),
  ])
  func firewallPeers(text: String, canonical: String) throws {
    #expect(try #require(FirewallPeer.list(text)).map(\.description).joined(separator: ",") == canonical)
  }

  @Test func textForPeopleDrivesNoTerminal() {
    #expect("a\u{1b}[31m\r\n\u{202e}b".escapedForTerminals == "a\\u{1b}[31m\\u{d}\\n\\u{202e}b")
    #expect(
      String(repeating: "x", count: 100).quotedForPeople == "\"\(String(repeating: "x", count: 60))...\"")
    #expect("é".quotedForPeople == "\"é\"")
  }

  @Test(arguments: [
    ("nginx.internal.example", true), ("INTERNAL.example", true), ("*.internal.example", true),
    ("internal.example.evil", false), ("xinternal.example", false), ("example", false),
  ])
  func namesLieInDomains(name: String, isWithin: Bool) {
    #expect(HostName.isValid(name, within: "internal.example") == isWithin)
  }
}
