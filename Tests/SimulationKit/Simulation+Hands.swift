import PhoenixCore

/// What the kernel asks for, done in the simulated world: looks, actions and their faults.
extension Simulation {
  mutating func feed(_ input: KernelInput) {
    perform(kernel.handle(input, at: moment))
    setTimer()
  }

  mutating func advance(_ resource: ResourceID, _ input: ActionInput) {
    let (step, effects) = kernel.advance(resource, input, at: moment)
    let isJournaled = perform(effects)
    switch step {
    case .observe(let id): lookAgain(at: id)
    case .apply(let change):
      guard isJournaled || change.endsExposure else { return advance(resource, .unjournaled) }
      apply(change)
    case .wait(let duration): schedule(duration.wholeMilliseconds, .input(resource, .waited, epoch: epoch))
    case .done: release(resource)
    }
    setTimer()
  }

  /// One timer, as the daemon has one: a later moment does not replace an earlier one.
  mutating func setTimer() {
    guard let wake = kernel.nextWake(at: moment) else { return }
    let time = max(wake.milliseconds, now + 1)
    if let timer, now < timer, timer <= time { return }
    timer = time
    schedule(time - now, .tick)
  }

  /// Does what the kernel asks for. Returns whether the memory is on disk.
  @discardableResult
  mutating func perform(_ effects: [KernelEffect]) -> Bool {
    var isJournaled = true
    for effect in effects {
      switch effect {
      case .persist(let memory):
        isJournaled = !isDiskFull
        if isJournaled { disk = memory }
        perform(kernel.handle(.stateWritable(isJournaled), at: moment).filter { !$0.isPersist })
      case .observe(let run, let system):
        count("looks")
        if !isQuiet && generator.chance(4) {
          count("hangs")
          schedule(30_000, .lookSilent(run, system, epoch: epoch))
        } else {
          schedule(1 + generator.upTo(400), .lookDone(run, system, epoch: epoch))
        }
      case .enqueue(let action, let route): enqueue(action.resource, lane: route.lane)
      case .cancel(let resource): schedule(generator.upTo(50), .input(resource, .cancelled, epoch: epoch))
      case .tell(let event):
        note("tell \(event.kind)")
        oracle.hears(event, world, at: moment)
      case .reply(let result): oracle.ended(result, isOnDisk: !isDiskFull)
      }
    }
    return isJournaled
  }

  mutating func enqueue(_ resource: ResourceID, lane: String) {
    laneOf[resource] = lane
    lanes[lane, default: []].append((resource, epoch))
    grant(lane)
  }

  mutating func grant(_ lane: String) {
    guard busy[lane] == nil, let next = lanes[lane]?.first else { return }
    lanes[lane]?.removeFirst()
    busy[lane] = next.0
    schedule(generator.upTo(20), .granted(next.0, epoch: next.1))
  }

  mutating func release(_ resource: ResourceID) {
    guard let lane = laneOf.removeValue(forKey: resource), busy[lane] == resource else { return }
    busy[lane] = nil
    grant(lane)
  }

  mutating func lookAgain(at id: ResourceID) {
    if !isQuiet && generator.chance(4) {
      count("hangs")
      schedule(30_000, .input(id, .silence(id), epoch: epoch))
    } else {
      schedule(1 + generator.upTo(300), .input(id, .look(only: id), epoch: epoch))
    }
  }

  mutating func deliver(_ kind: ActionKind, to resource: ResourceID) {
    switch kind {
    case .look(let only):
      oracle.saw(resource.system, world, only: only)
      advance(resource, .observed(world.observation(resource.system, .only([only]))))
    case .silence:
      oracle.sawNothing(of: resource.system)
      advance(
        resource, .observed(Observation(resource.system, .only([resource]), .silent("no answer in time"))))
    case .waited: advance(resource, .waited)
    case .failed(let failure, let change):
      if failure.persistence == .conflict { oracle.conflicts(over: change, at: moment) }
      advance(resource, .applyFailed(failure))
    case .cancelled: advance(resource, .cancelled)
    }
  }

  mutating func apply(_ change: Change) {
    count("applies")
    note("apply \(change.kind) \(change.resource)")
    oracle.applies(change, world, kernel, disk: disk, at: moment)
    let delay = 1 + generator.upTo(2000)
    let endpoint = change.resource.system.rawValue
    func failure(_ persistence: Failure.Persistence) -> Failure {
      Failure(persistence, doing: "apply \(change.resource)", got: "a simulated fault", endpoint: endpoint)
    }
    guard !isQuiet else { return schedule(delay, .landed(change, reply: true, failure: nil, epoch: epoch)) }
    switch world.broken.contains(change.resource.system) ? 0 : Int.random(in: 0..<100, using: &generator) {
    case 0..<8:
      schedule(delay, .input(change.resource, .failed(failure(.transient), of: change), epoch: epoch))
    case 8..<11:
      schedule(delay, .input(change.resource, .failed(failure(.permanent), of: change), epoch: epoch))
    case 11..<14:
      schedule(delay, .input(change.resource, .failed(failure(.conflict), of: change), epoch: epoch))
    case 14..<19:
      count("lost replies")
      schedule(delay, .landed(change, reply: false, failure: nil, epoch: epoch))
      schedule(60_000, .input(change.resource, .failed(failure(.transient), of: change), epoch: epoch))
    case 19..<22:  // Says yes, and does nothing.
      count("lies")
      schedule(delay, .landed(change, reply: true, failure: failure(.transient), epoch: epoch))
    default: schedule(delay, .landed(change, reply: true, failure: nil, epoch: epoch))
    }
  }

  mutating func land(_ change: Change, _ reply: Bool, _ lie: Failure?, _ epoch: Int) {
    if lie == nil { world.carryOut(change) }
    note("landed \(change.resource) reply \(reply)")
    if reply, epoch == self.epoch { advance(change.resource, .applied) }
  }
}

extension KernelEffect {
  fileprivate var isPersist: Bool { if case .persist = self { true } else { false } }
}
