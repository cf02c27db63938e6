import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Graph: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw everything that is kept, with how it stands and the way of a request.",
    discussion: "What is drawn comes from the files, how it stands from the daemon's last look.")

  /// What the picture is written as.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case mermaid, dot
    /// Known, and made by another program.
    case svg

    static var allValueStrings: [String] { [Format.mermaid, .dot].map(\.rawValue) }
  }

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("mermaid, or dot for Graphviz.", valueName: "mermaid|dot"))
  var format = Format.mermaid

  func validate() throws {
    if format == .svg {
      throw ValidationError(
        "Graphviz makes SVG of it: phoenix graph --format dot | dot -Tsvg > phoenix.svg")
    }
  }

  func run() async throws {
    let (inventory, configuration) = await UsersFiles.read(global)
    let findings = configuration.kernel.findings
    if configuration.hasErrors {
      throw CommandError(
        ErrorReport(
          doing: "load \(global.config)", got: FindingsText.summary(findings),
          hint: "mend the files; `phoenix validate` checks them", findings: findings),
        status: ExitStatus.configuration)
    }
    let status: StatusReport = try await global.withChannel("graph") { channel in
      try await channel.lookFirst(global)
      return try await channel.ask(.question("/v1/status"))
    }
    let graph = SiteGraph(
      inventory, declared: configuration.kernel.systems.flatMap(\.declared), status: status)
    global.write(graph) { _ in format == .dot ? DotText.render(graph) : MermaidText.render(graph) }
  }
}
