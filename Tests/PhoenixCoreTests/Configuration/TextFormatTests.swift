import PhoenixCore
import Testing

@Suite struct TextFormatTests {
  static let samples: [(TextFormat, accepted: [String], refused: [String])] = [
    (.line, ["", "a b", "é😀"], ["a\nb", "a\tb", "\u{0}", "\u{7f}", "\u{85}"]),
    (.lines, ["", "a\nb\t"], ["\u{0}"]),
    (.name, ["a", " a"], ["", " ", "a\n"]),
    (
      .guestID, ["100", "999999999"], ["99", "1000000000", "0101", "+100", " 101", "101 ", "1e3", "-100", ""]
    ),
    (
      .address, ["10.0.0.13", "::1", "fd00::a:1", "::ffff:10.0.0.1"],
      ["10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.1/24", ":::", "1::2::3", "g::1", "", "10.0.0.1 "]
    ),
    (
      .addressList, ["10.0.0.13", "10.0.0.13 8.8.8.8", "10.0.0.13,8.8.8.8", "10.0.0.13, ::1"],
      ["", "dns", "10.0.0.13 x"]
    ),
    (
      .block, ["10.0.0.0/24", "::/0", "10.0.0.1/32"],
      ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "/24", "10.0.0.0/-1", "10.0.0.0/+8", "::/129"]
    ),
    (.blockOrDHCP, ["dhcp", "10.0.0.10/24"], ["DHCP", "10.0.0.10", "auto"]),
    (
      .mac, ["BC:24:11:00:01:03", "bc:24:11:00:01:03"],
      ["BC:24:11:00:01", "BC-24-11-00-01-03", "BC:24:11:00:01:0G", "BC:24:11:00:01:+3"]
    ),
    (
      .ports, ["80", "80,443", "8000:8010", "ssh", "22,80:90,https", "0", "80, 443"],
      ["", "80,", "65536", "90:80", "x", "1:2:3", "80-90", "-1", "+80"]
    ),
    (.portPair, ["8080:80", "53:53/udp"], ["80", "80:", "0:80", "70000:80", "80:80/icmp", "80:80:80"]),
    (
      .peers,
      ["10.0.0.0/24", "10.0.0.1-10.0.0.9", "+swarm", "+dc/swarm", "dc/nas", "10.0.0.1,10.0.0.2", "nas"],
      ["", "10.0.0.300", "10.0.0.9-10.0.0.1", "10.0.0.1,", "a b", "+", "10.0.0.1/33"]
    ),
    (
      .duration, ["30s", "10m", "1h30m", "500ms", "1d", "0s"],
      ["", "30", "s", "30 s", "30S", "1m1h", "99999999999999999s", "-1s", "1.5h", "40000d"]
    ),
    (
      .webAddress, ["https://10.0.0.13:8006", "https://ca.internal.example", "https://[fd00::1]:8006/x"],
      [
        "http://10.0.0.13", "10.0.0.13:8006", "https://", "https://a b", "https://u:p@h", "https://h:0",
        "https://h:99999",
      ]
    ),
    (
      .dockerAddress, ["tcp://10.0.0.111:2376", "tcp://node"],
      ["https://10.0.0.111", "tcp://10.0.0.111:2376/x", "unix:///run/docker.sock"]
    ),
    (
      .hypervisorAddress, ["local", "ssh://root@10.0.0.13", "ssh://10.0.0.13:22"],
      ["root@10.0.0.13", "ssh://", "ssh://a@b@c"]
    ),
    (
      .endpoint, ["10.0.0.153:443", "[::1]:443", "qdrant.internal.example:443"],
      ["10.0.0.153", ":443", "a:0", "a:65536", "a_b:1", "::1:443"]
    ),
    (
      .hostName, ["a", "nginx.internal.example", "granite-3.3-8b-fp8", "A9"],
      [
        "", "-a", "a-", "a..b", "a_b", "a.", ".a", "a/b", "../../x", "a b", String(repeating: "a", count: 64),
        "a\n",
      ]
    ),
    (
      .certificateName, ["nginx.internal.example", "*.internal.example", "10.0.0.153", "::1", "localhost"],
      ["*", "*.", "a.*.b", "../../x", "a\nb", "a,b", "DNS:a", "a/b", "**.a", ""]
    ),
    (
      .absolutePath, ["/a", "/etc/nginx/ssl/nginx.crt", "/a/.b", "/a b/c"],
      ["", "/", "a", "../a", "/a/../b", "/a/./b", "/a//b", "/a/", "/a\nb", "/a\u{0}b"]
    ),
    (
      .path, ["a", "/a", "stacks/qdrant_service/docker-compose.yml", "./a", "a b/.c"],
      ["", "..", "../a", "a/../b", "a/.."]
    ),
    (
      .stackName, ["a", "qdrant_service", "A-1.b", "9"],
      ["", ".a", "-a", "_a", "a/b", "a b", "../a", "\u{e9}", String(repeating: "a", count: 64)]
    ),
    (
      .owner, ["root:root", "root:www-data", "0:33", "_a.b:c"],
      ["root", "root:", ":root", "a:b:c", "-a:b", "a b:c", "$(id):x"]
    ),
    (.mode, ["640", "0640", "600"], ["64", "0o640", "999", "4755", "1777", "rw-r-----", ""]),
    (.timeOfDay, ["00:00", "02:30", "23:59"], ["24:00", "2:00", "02:60", "0200", "02:00:00", "+2:00"]),
    (.weekdays, ["Sat", "Mon-Fri", "sat,SUN", "Sat-Mon"], ["", "Saturday", "Mon-", "Mon-Fri-Sat", "Xyz"]),
    (
      .fingerprint, [String(repeating: "aF", count: 32)],
      ["", String(repeating: "a", count: 63), String(repeating: "g", count: 64)]
    ),
    (.fileName, ["proxmox-token", "a b"], ["", ".", "..", "a/b", "/a", "a\n"]),
    (
      .consumer, ["nginx", "traefik", "docker-api", "portainer", "unit my@x.service"],
      ["apache", "unit", "unit ", "unit -a", "unit a b", "unit a;b"]
    ),
    (.keyValue, ["a=b", "a=", "a=b=c"], ["", "=b", "a"]),
  ]

  @Test(arguments: TextFormat.allCases)
  func acceptsAndRefuses(format: TextFormat) throws {
    let sample = try #require(Self.samples.first { $0.0 == format }, "samples for every format")
    for text in sample.accepted { #expect(format.accepts(text), "\(format) \(text.debugDescription)") }
    for text in sample.refused { #expect(!format.accepts(text), "\(format) \(text.debugDescription)") }
  }

  /// A schema never refuses what Phoenix accepts.
  @Test(arguments: TextFormat.allCases)
  func thePatternAcceptsAsMuch(format: TextFormat) throws {
    guard let pattern = format.pattern else { return }
    let expression = try Regex(pattern)
    for sample in Self.samples where sample.0 == format {
      for text in sample.accepted {
        #expect(try expression.firstMatch(in: text) != nil, "\(pattern) \(text.debugDescription)")
      }
    }
  }
}
