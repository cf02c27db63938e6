public import PhoenixCore
import PhoenixHost

extension DockerAPI: ManagedSystem {
  /// Takes dockerd off TCP, puts the proxy's files in force, or makes it serve the delivered certificate.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    let doing = "change \(change.resource)"
    guard let guest = Int(change.resource.name), let engine = desired.engines[guest] else {
      throw Failure(.transient, doing: doing, got: "it is no longer declared")
    }
    guard let node = observed.nodes[guest]?.value else {
      throw Failure(.transient, doing: doing, got: "\(engine.login.name) could not be looked at")
    }
    let shell = try await channel()
    switch (change.resource.kind, desired.doors[guest]) {
    case ("engine", _): try await convert(engine, node, desired.layout, shell)
    case ("proxy", .some(let door)):
      guard let need = ProxyNeed(door, desired, node, observed.doors[guest]?.value, facts) else {
        throw Failure(.transient, doing: doing, got: "the certificates of its clients cannot be read")
      }
      try await install(need, shell)
    case ("served", .some(let door)): try await serve(door, desired, shell)
    default: throw Failure(.transient, doing: doing, got: "it is no longer declared")
    }
  }

  private func convert(_ engine: Engine, _ node: NodeState, _ layout: Layout, _ shell: Shell)
    async throws(Failure)
  {
    let conversion = EngineConversion(engine, node, layout)
    if let hold = conversion.change?.hold {
      throw Failure(.permanent, doing: "take dockerd of \(engine.login.name) off TCP", got: hold)
    }
    try await shell.install(
      ServiceInstall(
        memory: EngineConversion.memory(layout), files: conversion.files, test: DockerScripts.testEngine,
        load: DockerScripts.loadEngine, arguments: [layout.engineSocket]),
      on: ShellTarget(engine.login), timeout: Self.conversionTimeout)
  }

  private func install(_ need: ProxyNeed, _ shell: Shell) async throws(Failure) {
    let layout = need.layout
    try await shell.install(
      ServiceInstall(
        memory: ProxyFiles.memory(layout), files: need.files.files, test: DockerScripts.testProxy,
        load: DockerScripts.loadProxy, arguments: ProxyFiles.arguments(layout)),
      on: ShellTarget(need.door.login), timeout: commandTimeout)
  }

  private func serve(_ door: Door, _ desired: Desired, _ shell: Shell) async throws(Failure) {
    let layout = desired.layout
    let probe = DoorProbe(system: self, door: door, desired: desired)
    try await CertificateActivation(
      place: door.place, login: door.login, shell: shell, clock: clock, commandTimeout: commandTimeout,
      proofTime: proofTime,
      test: CertificateActivation.Step(
        name: "nginx -t -c \(ProxyFiles.configurationPath(layout))", script: DockerScripts.testProxy,
        arguments: ProxyFiles.arguments(layout)),
      load: CertificateActivation.Step(
        name: "reload the proxy", script: DockerScripts.loadProxy, arguments: ProxyFiles.arguments(layout)),
      endpoint: "\(door.login.address):\(layout.port)", shown: { await probe.shown() }
    ).run()
  }
}
