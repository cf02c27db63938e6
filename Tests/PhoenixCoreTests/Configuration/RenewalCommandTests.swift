import PhoenixCore
import Testing

@Suite struct RenewalCommandTests {
  @Test(arguments: [
    ("a b  c", ["a", "b", "c"]), (" a\tb\n", ["a", "b"]), ("'a b' c", ["a b", "c"]), ("\"a b\"c", ["a bc"]),
    ("a'b'\"c\"d", ["abcd"]), ("''", [""]), ("a '' b", ["a", "", "b"]), ("a\\ b", ["a b"]), ("\\'a", ["'a"]),
    ("'a\\b'", ["a\\b"]), ("\"a\\b\\\"\\\\\\$\"", ["a\\b\"\\$"]), ("'$x `y` * ; |'", ["$x `y` * ; |"]),
    ("a#b", ["a#b"]), ("a~", ["a~"]), ("\"a\nb\"", ["a\nb"]), ("a\\\nb", ["ab"]), ("é😀", ["é😀"]),
    ("a=b", ["a=b"]),
    ("\"*;|&\"", ["*;|&"]), ("e\u{301}'x'", ["e\u{301}x"]),
  ])
  func splitsAsPOSIXDoes(text: String, words: [String]) throws {
    #expect(try ShellWords.split(text) == words)
  }

  @Test(arguments: [
    ("", ShellWords.Problem.empty), ("  ", .empty), ("'a", .openQuote("'")), ("\"a", .openQuote("\"")),
    ("a\\", .openEscape), ("\"a\\", .openEscape), ("a | b", .needsShell("|")), ("a && b", .needsShell("&")),
    ("a; b", .needsShell(";")), ("a > b", .needsShell(">")), ("$a", .needsShell("$")),
    ("\"$a\"", .needsShell("$")),
    ("`a`", .needsShell("`")), ("a *", .needsShell("*")), ("~/a", .needsShell("~")),
    ("# a", .needsShell("#")),
    ("(a)", .needsShell("(")),
  ])
  func refusesWhatNeedsAShell(text: String, problem: ShellWords.Problem) {
    #expect(throws: problem) { try ShellWords.split(text) }
  }

  @Test(
    arguments: [
      (
        "pct exec 101 -- systemctl reload nginx", RenewalCommand.Place.container(101),
        ["systemctl", "reload", "nginx"], CertificateConsumer.nginx
      ),
      (
        "pct exec 101 systemctl restart traefik.service", .container(101),
        ["systemctl", "restart", "traefik.service"], .traefik
      ),
      (
        "qm guest exec 1001 -- docker restart portainer_server", .machine(1001),
        ["docker", "restart", "portainer_server"], .portainer
      ),
      (
        "qm guest exec 1001 -- /bin/bash -c 'mv /tmp/cert.pem /x && systemctl restart docker'",
        .machine(1001),
        ["/bin/bash", "-c", "mv /tmp/cert.pem /x && systemctl restart docker"], .dockerAPI
      ),
      ("/usr/local/bin/hook nginx", .hypervisor, ["/usr/local/bin/hook", "nginx"], nil),
      ("pct exec abc -- x", .hypervisor, ["pct", "exec", "abc", "--", "x"], nil),
      (
        "pct exec 101 -- systemctl reload nginx-exporter", .container(101),
        ["systemctl", "reload", "nginx-exporter"], nil
      ),
      (
        "pct exec 101 -- echo systemctl reload nginx", .container(101),
        ["echo", "systemctl", "reload", "nginx"], nil
      ),
    ] as [(String, RenewalCommand.Place, [String], CertificateConsumer?)])
  func knowsPlaceAndConsumer(
    text: String, place: RenewalCommand.Place, words: [String], consumer: CertificateConsumer?
  ) throws {
    let command = try RenewalCommand(text)
    #expect(command.place == place)
    #expect(command.words == words)
    #expect(command.recognisedConsumer == consumer)
  }
}
