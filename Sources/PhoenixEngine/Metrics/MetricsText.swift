import PhoenixCore
import PhoenixNetwork

/// What `/metrics` shows.
struct MetricsText {
  let report: EngineReport
  let counts: Monitor.Counts
  let requests: [String: RequestCounters.Counts]
  let stateWrites: Int

  /// The text format 0.0.4 of Prometheus.
  var text: String { families.map(\.text).joined() }

  private var families: [MetricFamily] {
    [
      buildInfo, passes, actions, lastSuccess, readable, drift, resources, certificates, requestCounts,
      requestDurations, writes, stateWritable, refusal, circuits,
    ]
  }

  private var buildInfo: MetricFamily {
    var family = MetricFamily("phoenix_build_info", .gauge, "Always 1; the label tells the version.")
    family.add([("version", PhoenixVersion.current)], 1)
    return family
  }

  private var passes: MetricFamily {
    var family = MetricFamily("phoenix_passes_total", .counter, "Passes, by how they ended.")
    for result in Monitor.PassResult.allCases {
      family.add([("result", result.rawValue)], counts.passes[result, default: 0])
    }
    return family
  }

  private var actions: MetricFamily {
    var family = MetricFamily("phoenix_actions_total", .counter, "Actions that ended, by system and outcome.")
    for (key, count) in counts.actions.sorted(by: { $0.key < $1.key }) {
      family.add([("system", key.system.rawValue), ("outcome", key.outcome)], count)
    }
    return family
  }

  private var lastSuccess: MetricFamily {
    var family = MetricFamily(
      "phoenix_last_success_timestamp_seconds", .gauge,
      "When a pass last ended with everything readable and nothing failed, since 1970.")
    if let time = counts.lastSuccess { family.add([], Int(time.seconds)) }
    return family
  }

  private var readable: MetricFamily {
    var family = MetricFamily(
      "phoenix_system_readable", .gauge, "1 when all of the system could be read at its last look.")
    for (system, health) in report.systems.sorted(by: { $0.key < $1.key }) {
      family.add([("system", system.rawValue)], health == .readable ? 1 : 0)
    }
    return family
  }

  private var drift: MetricFamily {
    var family = MetricFamily(
      "phoenix_drift", .gauge, "Resources that are not as they should be, by system.")
    let names = Set(report.resources.map(\.resource.system)).union(report.systems.keys)
    for name in names.sorted() {
      let count = report.resources.count { $0.resource.system == name && $0.state.isDrift }
      family.add([("system", name.rawValue)], count)
    }
    return family
  }

  private var resources: MetricFamily {
    var family = MetricFamily("phoenix_resources", .gauge, "Resources, by how they stand.")
    for state in ResourceStatus.State.allCases {
      family.add([("state", state.rawValue)], report.resources.count { $0.state == state })
    }
    return family
  }

  private var certificates: MetricFamily {
    var family = MetricFamily(
      "phoenix_certificate_expiry_seconds", .gauge, "When the certificate expires, since 1970.")
    let facts = report.facts.all(named: "certificate.notAfter")
    for (name, reading) in facts.sorted(by: { $0.key < $1.key }) {
      if case .known(.number(let time)) = reading { family.add([("name", name)], time) }
    }
    return family
  }

  private var requestCounts: MetricFamily {
    var family = MetricFamily(
      "phoenix_requests_total", .counter, "Requests to other systems; writes are all but GET.")
    for (label, count) in requests.sorted(by: { $0.key < $1.key }) {
      family.add([("system", label), ("kind", "read")], count.requests - count.mutations)
      family.add([("system", label), ("kind", "write")], count.mutations)
    }
    return family
  }

  private var requestDurations: MetricFamily {
    var family = MetricFamily(
      "phoenix_request_duration_seconds", .histogram, "How long requests to other systems took.")
    for (label, count) in requests.sorted(by: { $0.key < $1.key }) {
      let bounds = zip(RequestCounters.bounds, count.buckets).map { ($0.inSeconds, $1) }
      family.add(
        [("system", label)], buckets: bounds, count: count.requests, seconds: count.total.inSeconds)
    }
    return family
  }

  private var writes: MetricFamily {
    var family = MetricFamily("phoenix_state_writes_total", .counter, "Writes to the state directory.")
    family.add([], stateWrites)
    return family
  }

  private var refusal: MetricFamily {
    var family = MetricFamily(
      "phoenix_configuration_refused", .gauge,
      "1 while the files on disk are refused and older ones are in force.")
    family.add([], report.isRefusing ? 1 : 0)
    return family
  }

  private var stateWritable: MetricFamily {
    var family = MetricFamily("phoenix_state_writable", .gauge, "1 while the state directory can be written.")
    family.add([], counts.isStateWritable ? 1 : 0)
    return family
  }

  private var circuits: MetricFamily {
    var family = MetricFamily(
      "phoenix_circuit_open", .gauge, "1 for an endpoint that keeps failing and is left alone for a while.")
    for endpoint in counts.openCircuits.sorted() { family.add([("endpoint", endpoint)], 1) }
    return family
  }
}

extension ResourceStatus.State {
  /// Whether something differs from what should be.
  var isDrift: Bool {
    switch self {
    case .drifted, .pending, .failed, .held: true
    case .inSync, .suspended, .unknown: false
    }
  }
}

extension Duration {
  fileprivate var inSeconds: Double { Double(wholeMilliseconds) / 1000 }
}
