@testable import PhoenixSystems

/// Every kind of traffic that the generated rules can tell apart, and what a firewall does with each: an
/// oracle that shares no code with what it judges.
struct FirewallTraffic {
  struct Sample: Hashable {
    let type: String
    let transport: String
    let port: Int
    let address: String
  }

  static let sources = [nil, "10.0.0.13", "10.0.0.12", "10.0.0.0/28"]
  static let ports = [nil, "22", "2375", "2376", "80,443", "2000:2400", "22,2375"]
  static let transports = ["tcp", "udp"]

  /// Within the network or not, named alone or not; each port that a rule may tell apart, and one between.
  static let samples: [Sample] = ["in", "out"].flatMap { type in
    ["tcp", "udp", "icmp"].flatMap { transport in
      [22, 80, 443, 2100, 2375, 2376, 2399, 50].flatMap { port in
        ["10.0.0.13", "10.0.0.12", "10.0.0.14", "192.168.7.7"].map { address in
          Sample(type: type, transport: transport, port: port, address: address)
        }
      }
    }
  }

  static let ssh = Sample(type: "in", transport: "tcp", port: 22, address: "10.0.0.13")

  /// A set of `samples`, a bit each.
  typealias SampleSet = SIMD4<UInt64>

  private var covered: [Proxmox.Rule.Match: SampleSet] = [:]

  /// The samples that get through.
  mutating func passed(by firewall: Proxmox.LiveFirewall) -> SampleSet {
    guard firewall.options.isEnabled else { return Self.set { _ in true } }
    var undecided = Self.set { _ in true }
    var passed = SampleSet.zero
    for rule in firewall.rules where rule.isEnabled {
      let decided = undecided & cover(of: rule.match)
      if rule.match.action == "ACCEPT" { passed |= decided }
      undecided &= ~decided
    }
    if firewall.options.policyIn == .accept { passed |= undecided & Self.incoming }
    if firewall.options.policyOut != .drop { passed |= undecided & ~Self.incoming }
    return passed
  }

  /// What would reach the unencrypted Docker API.
  static let dockerAPI = set { $0.type == "in" && $0.transport == "tcp" && $0.port == 2375 }

  private static let incoming = set { $0.type == "in" }

  /// One sample out of a set, for people.
  static func example(in set: SampleSet) -> Sample? {
    samples.enumerated().first { index, _ in set[index / 64] & (1 << (index % 64)) != 0 }?.element
  }

  private mutating func cover(of match: Proxmox.Rule.Match) -> SampleSet {
    if let known = covered[match] { return known }
    let cover = Self.set { $0.type == match.type && Self.matches(match, $0) }
    covered[match] = cover
    return cover
  }

  private static func set(of isIn: (Sample) -> Bool) -> SampleSet {
    var set = SampleSet.zero
    for (index, sample) in samples.enumerated() where isIn(sample) { set[index / 64] |= 1 << (index % 64) }
    return set
  }

  private static func matches(_ match: Proxmox.Rule.Match, _ sample: Sample) -> Bool {
    if let transport = match.transport, transport != sample.transport { return false }
    if let ports = match.ports {
      let isNamed = ports.split(separator: ",").contains { item in
        let ends = item.split(separator: ":").compactMap { Int($0) }
        return (ends[0]...ends[ends.count - 1]).contains(sample.port)
      }
      guard isNamed else { return false }
    }
    switch match.source {
    case nil: return true
    case "10.0.0.0/28": return sample.address.hasPrefix("10.0.0.")
    case let source: return source == sample.address
    }
  }
}
