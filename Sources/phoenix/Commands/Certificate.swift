import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Certificate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate",
    abstract: "List, show and renew certificates.", subcommands: [List.self, Show.self, Renew.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the certificates, with when they expire.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
      let certificates = try await all(global)
      global.write(["certificates": certificates]) { CertificateText.list(certificates, style: $0) }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show one certificate, and who uses it.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Its name, as `list` shows it.", valueName: "name"))
    var name: String

    func run() async throws {
      let certificate = try find(name, in: try await all(global))
      global.write(certificate) { CertificateText.show(certificate, style: $0) }
    }
  }

  struct Renew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "renew",
      abstract: "Replace a certificate by a new one now, and have it taken up.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var allowed: AllowOption
    @OptionGroup var question: DryRunOption

    @Argument(help: ArgumentHelp("Its name, as `list` shows it.", valueName: "name"))
    var name: String

    func run() async throws {
      if question.dryRun { return try await showPlan() }
      let resource = "certificates/certificate/\(name)"
      let old = try await global.withChannel("certificate renew") { channel in
        try await channel.lookFirst(global)
        let known: [String: [CertificateReport]] = try await channel.ask(.question("/v1/certificates"))
        let certificate = try find(name, in: known["certificates"] ?? [])
        let _: [String: String] = try await channel.ask(
          .order("/v1/wish", WishOrder(resource: resource, wish: .renew)))
        return certificate
      }
      let (users, doors) = (old.consumers.map(\.resource.description), old.doors.map(\.resource.description))
      // A new one that must be let in first waits for that, and who uses it can take it up only when it is there:
      // each of these is a run of its own.
      let admission = doors.isEmpty ? [] : [doors, [resource]]
      for targets in [[resource]] + admission + [users] where !targets.isEmpty {
        try await RunCommand(global: global, path: "/v1/apply", purpose: "certificate renew").run(
          ApplyOrder(targets: targets, allow: allowed.risks), targets.compactMap { Target($0) })
      }
      if try find(name, in: try await all(global)).fingerprint == old.fingerprint {
        throw CommandError(
          ErrorReport(
            doing: "renew \(name)", got: "the new one is issued and waits to be let in",
            hint: "it is used as soon as it is: `phoenix certificate show \(name)` tells by whom"),
          status: ExitStatus.failed)
      }
    }

    /// The plan of the certificate and of all that take part, with the renewal that nobody has asked for yet.
    private func showPlan() async throws {
      let resource = ResourceID(.certificates, "certificate", name)
      let (plan, targets) = try await global.withChannel("certificate renew") { channel in
        try await channel.lookFirst(global)
        let known: [String: [CertificateReport]] = try await channel.ask(.question("/v1/certificates"))
        let certificate = try find(name, in: known["certificates"] ?? [])
        let others = (certificate.doors + certificate.consumers).map(\.resource)
        let names = ([resource] + others).map(\.description)
        let order = PlanOrder(targets: names, allow: allowed.risks)
        let plan: PlanReport = try await channel.ask(.order("/v1/plan", order))
        let users = certificate.consumers.map(\.resource.description).joined(separator: ", ")
        let renewal = Change(
          resource, .update,
          reason: "its renewal is asked for" + (users.isEmpty ? "" : "; it is taken up by \(users)"))
        return (plan.withUnplanned(renewal), names.compactMap { Target($0) })
      }
      global.write(plan) { PlanText.render(plan, style: $0) }
      if plan.isUnreadable(targets) { throw CommandError(status: ExitStatus.unreachable) }
    }
  }
}

/// All certificates that are kept.
private func all(_ global: GlobalOptions) async throws -> [CertificateReport] {
  let answer: [String: [CertificateReport]] = try await global.withChannel("certificate") { channel in
    try await channel.lookFirst(global)
    return try await channel.ask(.question("/v1/certificates"))
  }
  return answer["certificates"] ?? []
}

private func find(_ name: String, in certificates: [CertificateReport]) throws -> CertificateReport {
  guard let certificate = certificates.first(where: { $0.name == name }) else {
    throw CommandError(
      ErrorReport(
        doing: "find the certificate \(name)", got: "none is called that",
        hint: "`phoenix certificate list` lists them"),
      status: ExitStatus.usage)
  }
  return certificate
}
