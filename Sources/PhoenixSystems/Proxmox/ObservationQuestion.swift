import PhoenixCore

extension Proxmox {
  /// One request of a look.
  enum Question: Sendable {
    case guests
    case datacenter
    case datacenterRules
    case isFree(Int)
    case options(Int, ListedGuest)
    case rules(Int, ListedGuest)
    case configuration(Int, ListedGuest)
    case group(String)

    private var request: API.Request {
      switch self {
      case .guests: .guests
      case .datacenter: .datacenter
      case .datacenterRules: .datacenterRules
      case .isFree(let vmid): .isFree(vmid)
      case .options(let vmid, let guest): .options(vmid, guest)
      case .rules(let vmid, let guest): .rules(vmid, guest)
      case .configuration(let vmid, let guest): .pending(vmid, guest)
      case .group(let name): .group(name)
      }
    }

    /// The node that must answer; nil when any one can.
    private var node: String? {
      switch self {
      case .options(_, let guest), .rules(_, let guest), .configuration(_, let guest): guest.node
      case .guests, .datacenter, .datacenterRules, .isFree, .group: nil
      }
    }

    func ask(_ api: API, _ budget: LookBudget) async -> Answer {
      let request = self.request
      var api = api
      do throws(Failure) {
        api.timeout = min(api.timeout, try budget.remaining(for: request, at: node))
      } catch {
        return refused(error)
      }
      let start = ContinuousClock.now
      defer { if ContinuousClock.now - start >= api.timeout { budget.wasSilent(node) } }
      if case .isFree(let vmid) = self { return .existence(vmid, await Self.existence(vmid, request, api)) }
      do throws(Failure) {
        let data = try await api.data(request)
        return try decode(data, request)
      } catch {
        return refused(error)
      }
    }

    private func decode(_ data: Node?, _ request: API.Request) throws(Failure) -> Answer {
      do throws(Unexpected) {
        switch self {
        case .guests: return .guests(.known(try Proxmox.guests(data)))
        case .datacenter: return .datacenter(.known(try Proxmox.datacenter(data)))
        case .datacenterRules: return .datacenterRules(.known(try Proxmox.rules(data)))
        case .isFree(let vmid): return .existence(vmid, .absent)
        case .options(let vmid, _):
          return .options(vmid, .known(Signed(try Proxmox.options(data), Proxmox.digest(data))))
        case .rules(let vmid, _):
          return .rules(vmid, .known(Signed(try Proxmox.rules(data), Proxmox.digest(data))))
        case .configuration(let vmid, _):
          return .configuration(vmid, .known(try Proxmox.configuration(pending: data)))
        case .group(let name): return .group(name, .known(try Proxmox.rules(data)))
        }
      } catch {
        throw Failure(
          .transient, doing: request.doing, expected: error.what, got: "something else",
          hint: "this Proxmox may be too new or too old")
      }
    }

    private func refused(_ failure: Failure) -> Answer {
      let reason = failure.description
      switch self {
      case .guests: return .guests(.unreadable(reason))
      case .datacenter: return .datacenter(.unreadable(reason))
      case .datacenterRules: return .datacenterRules(.unreadable(reason))
      case .isFree(let vmid): return .existence(vmid, .unreadable(reason))
      case .options(let vmid, _): return .options(vmid, .unreadable(reason))
      case .rules(let vmid, _): return .rules(vmid, .unreadable(reason))
      case .configuration(let vmid, _): return .configuration(vmid, .unreadable(reason))
      case .group(let name):
        return .group(name, failure.got.contains("no such security group") ? .absent : .unreadable(reason))
      }
    }

    /// Whether a guest that is not in the list exists: the list leaves out what the token may not see.
    private static func existence(
      _ vmid: Int, _ request: API.Request, _ api: API
    ) async -> Reading<Bool> {
      do throws(Failure) {
        let answer = try await api.answer(request)
        if answer.status == 400, answer.message.contains("already exists") { return .known(true) }
        guard answer.status >= 400 else { return .absent }
        throw .proxmox(
          status: answer.status, message: answer.message, request: request, endpoint: api.name)
      } catch {
        return .unreadable(error.description)
      }
    }
  }

  /// What one request brought.
  enum Answer: Sendable {
    case guests(Reading<[Int: ListedGuest]>)
    case datacenter(Reading<Datacenter>)
    case datacenterRules(Reading<[Rule]>)
    case existence(Int, Reading<Bool>)
    case options(Int, Reading<Signed<FirewallOptions>>)
    case rules(Int, Reading<Signed<[Rule]>>)
    case configuration(Int, Reading<GuestConfiguration>)
    case group(String, Reading<[Rule]>)

    var vmid: Int? {
      switch self {
      case .existence(let vmid, _), .options(let vmid, _), .rules(let vmid, _), .configuration(let vmid, _):
        vmid
      case .guests, .datacenter, .datacenterRules, .group: nil
      }
    }
  }
}
