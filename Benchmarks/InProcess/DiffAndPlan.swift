import ArgumentParser
import PhoenixCore
import PhoenixSystems

/// Diff and plan of many resources, without any IO.
struct DiffAndPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Diff and plan of many firewalls, each as it should be or each with a rule lost.")

  @Argument(help: "How many resources.") var sizes: [Int]
  @Option(help: "How often each is measured.") var rounds = 7

  func run() throws {
    // The sizes take turns, so that a machine that changes its pace does so for all of them.
    for _ in 0..<rounds {
      for size in sizes {
        for isDrifted in [false, true] { try measure(FirewallWorld(size: size, isDrifted: isDrifted)) }
      }
    }
  }

  private func measure(_ world: FirewallWorld) throws {
    let started = ContinuousClock.now
    let plan = world.plan()
    let wall = ContinuousClock.now - started
    guard plan.actions.count == (world.isDrifted ? world.size : 0), plan.held.isEmpty else {
      throw ValidationError("the plan has \(plan.actions.count) actions, and \(plan.held.count) are held")
    }
    print("{\"size\": \(world.size), \"drifted\": \(world.isDrifted), \"wall\": \(wall / .seconds(1))}")
  }
}
