import Testing

@testable import PhoenixSystems

@Suite("dockerd's arguments")
struct DaemonArgumentsTests {
  struct Case: CustomTestStringConvertible {
    let arguments: [String]
    let kept: [String]
    let removed: [String]
    var ports: Set<Int> = []
    var testDescription: String { arguments.joined(separator: " ") }
  }

  @Test(
    "What opens TCP goes, everything else stays as it is",
    arguments: [
      Case(arguments: [], kept: [], removed: []),
      Case(arguments: ["-H", "fd://", "--debug"], kept: ["-H", "fd://", "--debug"], removed: []),
      Case(
        arguments: ["-H", "fd://", "-H", "tcp://0.0.0.0:2375"], kept: ["-H", "fd://"],
        removed: ["-H tcp://0.0.0.0:2375"], ports: [2375]),
      Case(
        arguments: ["--host=tcp://[::]:2376", "--host", "unix:///run/docker.sock"],
        kept: ["--host", "unix:///run/docker.sock"], removed: ["--host=tcp://[::]:2376"], ports: [2376]),
      Case(arguments: ["-Htcp://10.0.0.1:1"], kept: [], removed: ["-Htcp://10.0.0.1:1"], ports: [1]),
      Case(arguments: ["-H=tcp://10.0.0.1"], kept: [], removed: ["-H=tcp://10.0.0.1"], ports: [2375]),
      Case(arguments: ["-H", "0.0.0.0:2375"], kept: [], removed: ["-H 0.0.0.0:2375"], ports: [2375]),
      Case(arguments: ["-DH", "tcp://:2375"], kept: ["-D"], removed: ["-H tcp://:2375"], ports: [2375]),
      Case(arguments: ["-DH", "fd://"], kept: ["-DH", "fd://"], removed: []),
      Case(arguments: ["-l", "-H", "x"], kept: ["-l", "-H", "x"], removed: []),
      Case(
        arguments: ["--tlsverify", "--tlscacert", "/ca", "--tlscert=/c", "--tlskey", "/k", "--tls=false"],
        kept: [], removed: ["--tlsverify", "--tlscacert /ca", "--tlscert=/c", "--tlskey /k", "--tls=false"]),
      Case(
        arguments: ["--label", "tls=yes", "--data-root", "/a b", "--insecure-registry=tcp://x"],
        kept: ["--label", "tls=yes", "--data-root", "/a b", "--insecure-registry=tcp://x"], removed: []),
      Case(arguments: ["--host"], kept: ["--host"], removed: []),
      Case(arguments: ["-H"], kept: ["-H"], removed: []),
      Case(arguments: ["-", "x"], kept: ["-", "x"], removed: []),
    ])
  func sorted(test: Case) {
    let arguments = DaemonArguments(test.arguments)
    #expect(arguments.kept == test.kept)
    #expect(arguments.removed == test.removed)
    #expect(arguments.ports == test.ports)
    // What is left opens nothing.
    let again = DaemonArguments(arguments.kept)
    #expect(again.removed.isEmpty && again.kept == arguments.kept)
  }

  @Test(
    "TLS is on when it is said to be",
    arguments: [("--tls", true), ("--tlsverify=1", true), ("--tls=false", false)])
  func tls(word: String, isOn: Bool) {
    #expect(DaemonArguments([word]).hasTLS == isOn)
  }

  @Test(
    "Words as systemd reads them",
    arguments: [
      (["/usr/sbin/dockerd", "-H", "fd://"], "/usr/sbin/dockerd -H fd://"),
      (["/d", "a b", "", "c;d", ";"], #"/d "a b" "" "c;d" \;"#),
      (["/d", "100%", "$HOME", "{{.Name}}"], "/d 100%% $$HOME {{.Name}}"),
      (["/d", #"say "hi"\"#, "it's", "a\nb\u{1}"], #"/d "say \"hi\"\\" "it's" "a\nb\x01""#),
    ] as [([String], String)])
  func quoted(words: [String], line: String) {
    #expect(UnitWords.line(words, keepsVariables: false) == line)
  }

  @Test("Variables of the unit stay variables where systemd told the words")
  func variables() {
    #expect(
      UnitWords.line(["/d", "$DOCKER_OPTS", "${A}", "50%"], keepsVariables: true)
        == "/d $DOCKER_OPTS ${A} 50%%")
  }
}

@Suite("daemon.json")
struct DaemonConfigurationTests {
  @Test(
    "What opens TCP goes, other keys and their order stay",
    arguments: [
      ("", [], ""), (" \n", [], " \n"), ("{}", [], "{}"),
      (#"{"log-driver":"journald"}"#, [], #"{"log-driver":"journald"}"#),
      (#"{"hosts": ["fd://"]}"#, [], #"{"hosts": ["fd://"]}"#),
      (
        #"{"z": 1.50, "hosts": ["unix:///run/docker.sock", "tcp://0.0.0.0:2375"], "a": {"b": [null, "\u00e4\n"]}}"#,
        ["hosts: tcp://0.0.0.0:2375"],
        """
        {
          "z": 1.50,
          "hosts": [
            "unix:///run/docker.sock"
          ],
          "a": {
            "b": [
              null,
              "ä\\n"
            ]
          }
        }

        """
      ),
      (
        #"{"tls": true, "tlsverify": true, "tlscacert": "/ca", "tlscert": "/c", "tlskey": "/k", "hosts": ["tcp://:2376"], "debug": false}"#,
        [
          "tls: true", "tlsverify: true", "tlscacert: /ca", "tlscert: /c", "tlskey: /k", "hosts: tcp://:2376",
        ],
        "{\n  \"debug\": false\n}\n"
      ),
    ] as [(String, [String], String)])
  func converted(text: String, removed: [String], converted: String) throws {
    let configuration = try #require(DaemonConfiguration(text))
    #expect(configuration.removed == removed)
    #expect(configuration.converted == converted)
    let again = try #require(DaemonConfiguration(converted))
    #expect(again.removed.isEmpty && again.converted == converted)
  }

  @Test(
    "What cannot be understood is not touched", arguments: ["{", "[]", "\"x\"", #"{"a": 1, "a": 2}"#, "{} x"])
  func refused(text: String) {
    #expect(DaemonConfiguration(text) == nil)
  }
}
