public import PhoenixCore

/// What the engine knows, for the control interface and for metrics.
extension Engine {
  /// What is known now, for status and metrics.
  public var report: EngineReport {
    let now = moment()
    return EngineReport(
      resources: resources(), systems: kernel.systemHealths, held: kernel.heldChanges,
      findings: kernel.currentFindings, isRefusing: kernel.isRefusing, isPaused: isPaused,
      isRunning: kernel.isRunning,
      active: kernel.activeActions, facts: kernel.reportedFacts(),
      nextPass: kernel.nextWake(at: now).map { now.wall + ($0 - now.boot) })
  }

  /// Why a resource stands as it does; nil for one that nobody knows.
  public func explanation(of resource: ResourceID) -> ExplanationReport? {
    guard let status = resources().first(where: { $0.resource == resource }) else { return nil }
    return ExplanationReport(
      status, kernel.explanation(of: resource, at: moment()), findings: kernel.currentFindings)
  }

  /// The certificates that are kept.
  public var certificates: [CertificateReport] {
    CertificateReport.list(
      resources(), facts: kernel.reportedFacts(), neededBy: kernel.neededBy, admittedBy: kernel.admittedBy)
  }

  /// Whether a resource is left alone by itself, also one that nobody declares any more.
  public func isSuspended(_ resource: ResourceID) -> Bool { kernel.memory.suspensions[resource] != nil }

  /// Whether everything is left alone.
  public var isPaused: Bool { kernel.memory.isPaused }

  /// Whether what must survive the process is on disk.
  public var isMemoryWritten: Bool { kernel.isMemoryWritten }

  private func resources() -> [ResourceStatus] {
    let known = kernel.resourceStatuses
    let names = Set(known.map(\.resource))
    let unseen = kernel.declaredResources.filter { !names.contains($0.id) }.map {
      ResourceStatus(resource: $0.id, state: .unknown, since: began, detail: "not looked at yet")
    }
    return (known + unseen).sorted { $0.resource < $1.resource }
  }
}
