extension DaemonSettings.StepCA {
  /// The host of its address, such as 10.0.0.10; nil when none is known.
  public var host: String? {
    guard let url, let start = url.firstRange(of: "://")?.upperBound else { return nil }
    let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }

  /// The resource that stands for the authority; nil when no address is known.
  public var resource: ResourceID? { host.map { ResourceID(.stepCA, "authority", $0) } }
}
