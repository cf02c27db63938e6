import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Start: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start guests, and keep them running.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var question: DryRunOption

  func run() async throws { try await global.order(.start, guests, question) }
}

struct Stop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop guests, and keep them stopped until `phoenix start`.",
    discussion: "One that does not heed that within a minute is switched off.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var question: DryRunOption

  func run() async throws { try await global.order(.stop, guests, question) }
}

struct Restart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Start guests anew, with all that waits for a restart.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var question: DryRunOption

  func run() async throws { try await global.order(.restart, guests, question) }
}

extension GlobalOptions {
  /// The verb is the operator's word for what it disturbs.
  fileprivate func order(
    _ wish: Wish, _ guests: GuestArguments, _ question: DryRunOption
  ) async throws {
    let resources = guests.names.map { "proxmox/power/\($0)" }
    if question.dryRun {
      let names = guests.names.joined(separator: ", ")
      Terminal.tell("phoenix: \(wish.rawValue) \(names) would follow; this is to be done about it now\n")
      return try await showPlan(wish.rawValue, resources)
    }
    try await keep(wish, for: resources, wish.rawValue)
    try await RunCommand(global: self, path: "/v1/apply", purpose: wish.rawValue).run(
      ApplyOrder(targets: resources, allow: [.safe, .disruptive]), resources.compactMap { Target($0) })
  }
}
