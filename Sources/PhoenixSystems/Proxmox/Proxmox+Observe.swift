public import PhoenixCore
import PhoenixNetwork

/// What is looked at: the list of guests, the datacenter's firewall, each guest's configuration, and where its
/// firewall is ours its options and rules. Steady or not, that is 3 requests at most, 3 a guest, and one for each
/// security group that a guest with Docker refers to.
extension Proxmox {
  /// How many security groups are read at most.
  private static let groupLimit = 10

  /// Looks. What cannot be read is unreadable in the result; it never throws.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    let asked = LookScope(scope, desired)
    let vmids = asked.vmids
    let api: API
    do throws(Failure) { api = try await self.api(desired.access, timeout: limits.read) } catch {
      return Observed(unreadable: error.description, vmids: vmids)
    }
    let budget = LookBudget(of: limits.look)
    var first: [Question] = [.guests]
    let isDatacenterMeant = scope.contains(Self.datacenterResource)
    if isDatacenterMeant { first.append(.datacenter) }
    if isDatacenterMeant, desired.datacenter != nil { first.append(.datacenterRules) }
    var observed = Observed(guests: .unreadable("not asked"), datacenter: nil)
    for answer in await ask(first, api, budget) { observed.take(answer) }
    if let reason = observed.guests.unreadableReason {
      return Observed(unreadable: reason, vmids: vmids)
    }
    observed.wishes = await wishes.all()
    let guests = observed.guests.value ?? [:]
    let questions = vmids.flatMap { vmid in
      Self.questions(vmid, guests[vmid], wanted: desired.kind(of: vmid), asked)
    }
    var pages: [Int: GuestPage] = [:]
    for answer in await ask(questions, api, budget) {
      if let vmid = answer.vmid { pages[vmid, default: GuestPage()].take(answer) }
    }
    for vmid in vmids {
      observed.take(
        pages[vmid] ?? GuestPage(), of: vmid, listed: guests[vmid], kind: desired.kind(of: vmid), asked: asked
      )
    }
    await readGroups(&observed, desired, api, budget)
    return observed
  }

  private static func questions(
    _ vmid: Int, _ guest: ListedGuest?, wanted: GuestKind?, _ asked: LookScope
  ) -> [Question] {
    guard let guest else { return [.isFree(vmid)] }
    guard wanted == nil || guest.kind == wanted else { return [] }
    let firewall: [Question] =
      asked.firewalls.contains(vmid) ? [.options(vmid, guest), .rules(vmid, guest)] : []
    return firewall + [.configuration(vmid, guest)]
  }

  /// Groups matter only where 2375 must be closed and the list is not ours to empty.
  private func readGroups(
    _ observed: inout Observed, _ desired: Desired, _ api: API, _ budget: LookBudget
  ) async {
    var names: Set<String> = []
    for (vmid, firewall) in observed.firewalls where desired.firewalls[vmid]?.target.closesDockerAPI ?? false
    {
      for rule in firewall.value?.rules ?? [] where rule.match.type == "group" && rule.isEnabled {
        names.insert(rule.match.action)
      }
    }
    let sorted = names.sorted()
    for answer in await ask(sorted.prefix(Self.groupLimit).map { .group($0) }, api, budget) {
      observed.take(answer)
    }
    for name in sorted.dropFirst(Self.groupLimit) {
      observed.groups[name] = .unreadable("more than \(Self.groupLimit) groups are referred to")
    }
  }

  private func ask(_ questions: [Question], _ api: API, _ budget: LookBudget) async -> [Answer] {
    await withTaskExecutorPreference(client.taskExecutor) {
      await eachConcurrently(questions, width: width) { question in
        await question.ask(api, budget)
      }
    }
  }
}

extension ObservationScope {
  fileprivate func contains(_ resource: ResourceID) -> Bool {
    switch self {
    case .everything: true
    case .only(let resources): resources.contains(resource)
    }
  }
}
