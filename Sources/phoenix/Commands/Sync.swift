import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Sync: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Bring one area in order: \(Area.allCases.map(\.rawValue).joined(separator: ", ")).")

  /// What is brought in order together.
  enum Area: String, ExpressibleByArgument, CaseIterable {
    case all, certificates, firewall, stacks, portainer, proxies, dns, health

    /// What belongs to it; empty for everything.
    var targets: [String] {
      switch self {
      case .all: []
      case .certificates:
        ["step-ca", "certificates", "nginx/served", "traefik/served", "docker-api/served"]
      case .firewall: ["proxmox/firewall", "proxmox/datacenter-firewall"]
      case .stacks: ["swarm"]
      case .portainer: ["portainer"]
      case .proxies: ["nginx", "traefik", "docker-api"]
      case .dns: ["dns"]
      case .health: ["health"]
      }
    }
  }

  @OptionGroup var global: GlobalOptions
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  @Argument(help: ArgumentHelp("Which one.", valueName: "area"))
  var area: Area

  func run() async throws {
    let status: StatusReport = try await global.withChannel("sync \(area.rawValue)") { channel in
      try await channel.ask(.question("/v1/status"))
    }
    let targets = area.targets.compactMap { Target($0) }.filter { target in
      status.resources.contains { target.matches($0.resource) }
    }
    guard area == .all || !targets.isEmpty else {
      throw CommandError(
        ErrorReport(
          doing: "sync \(area.rawValue)", got: "the files declare nothing of it",
          hint: "`phoenix status` lists everything that Phoenix keeps"),
        status: ExitStatus.failed)
    }
    let order = ApplyOrder(
      targets: targets.map(\.description), allow: allowed.risks, isDryRun: question.dryRun)
    try await RunCommand(global: global, path: "/v1/apply", purpose: "sync \(area.rawValue)").run(
      order, targets)
  }
}
