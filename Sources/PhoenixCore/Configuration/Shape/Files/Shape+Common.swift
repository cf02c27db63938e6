/// What several files hold.
extension Shape {
  static let line = Shape.text(.line)
  static let lines = Shape.text(.lines)
  static let name = Shape.text(.name)
  static let count = Shape.integer(1...Int.max)
  static let amount = Shape.integer(0...Int.max)
  static let port = Shape.integer(1...65535)
  static let strings = Shape.array(.name)
  static let guestIDs = Shape.array(.guestID)
  /// Addresses in one string, or as a list.
  static let nameservers = Shape.either([.text(.addressList), .array(.text(.address))])

  static let firewallRule = Shape.object([
    ShapeKey("type", .choice(["in", "out"]), "Direction, seen from the guest.", isRequired: true),
    ShapeKey(
      "action", .choice(["ACCEPT", "DROP", "REJECT"]), "What happens to a packet that matches.",
      isRequired: true),
    ShapeKey("proto", .choice(["tcp", "udp", "icmp"]), "Protocol; default any."),
    ShapeKey("source", .text(.peers), "Addresses, networks, ranges or sets it comes from; default any."),
    ShapeKey("dest", .text(.peers), "Addresses, networks, ranges or sets it goes to; default any."),
    ShapeKey(
      "port", .either([.text(.ports), .integer(0...65535)]),
      "Destination ports: 80, 80,443 or 8000:8010; default all. Needs proto tcp or udp."),
    ShapeKey("comment", .line, "For people."),
  ])

  static let guestFirewall = Shape.object([
    ShapeKey(
      "enabled", .bool,
      "Whether Proxmox filters the guest's packets; default true. false beside rules is reported."),
    ShapeKey("rules", .array(firewallRule), "All rules of the guest, in the order in which they are tried."),
    ShapeKey(
      "default_input_policy", .choice(["ACCEPT", "DROP", "REJECT"]),
      "For packets in that no rule matches; default DROP."),
    ShapeKey(
      "default_output_policy", .choice(["ACCEPT", "DROP", "REJECT"]),
      "For packets out that no rule matches; default ACCEPT."),
  ])

  static let routedService = Shape.object([
    ShapeKey("name", .text(.hostName), "The service is reached as NAME.domain.", isRequired: true),
    ShapeKey("port", .port, "Where it listens in the guest.", isRequired: true),
    ShapeKey("scheme", .choice(["http", "https"]), "How it is spoken to; default http."),
  ])

  static let healthCheck = Shape.object([
    ShapeKey("command", .lines, "Run in the guest; healthy when it exits 0.", isRequired: true),
    ShapeKey("retries", .amount, "Attempts before the guest counts as unhealthy."),
    ShapeKey("interval", .amount, "Seconds between attempts."),
  ])
}
