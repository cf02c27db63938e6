import FoundationEssentials
import PhoenixCore
import PhoenixHost

/// Reads what `DockerScripts.look` printed. Foreign bytes: what is not as expected is no answer.
struct NodeLook {
  private let layout: DockerAPI.Layout
  private var fields: ArraySlice<String>

  /// The arguments of the script.
  static func arguments(_ layout: DockerAPI.Layout, door: DockerAPI.Door?) -> [String] {
    let engine =
      [layout.processDirectory, layout.engineSocket, EngineConversion.memory(layout)]
      + EngineConversion.paths(layout)
    guard let door else { return engine }
    return engine + [ProxyFiles.stateSocket(layout), ProxyFiles.memory(layout), door.place.base]
      + ProxyFiles.paths(layout) + layout.moduleDirectories
  }

  /// Reads an answer; nil when it cannot be understood.
  static func parse(
    _ bytes: [UInt8], _ layout: DockerAPI.Layout, hasDoor: Bool, clients: [String]
  ) -> DockerAPI.NodeState? {
    guard bytes.last == 0 else { return nil }
    let fields = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    var look = NodeLook(layout: layout, fields: fields[...])
    guard let engine = look.engine() else { return nil }
    var state = engine
    if hasDoor {
      guard let proxy = look.proxy(clients) else { return nil }
      state.proxy = proxy
    }
    return look.fields.elementsEqual(["end"]) ? state : nil
  }

  private mutating func engine() -> DockerAPI.NodeState? {
    guard let unitText = fields.popFirst(), let (unit, start) = Self.unit(unitText),
      let socketText = fields.popFirst(), let command = fields.popFirst(),
      let running = Data(base64Encoded: command),
      let listeners = fields.popFirst().flatMap({ Self.listeners($0) }), let ping = fields.popFirst(),
      let access = fields.popFirst(), let socketAccess = Self.access(access),
      let files = files(EngineConversion.paths(layout))
    else { return nil }
    let words = Array(running).split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
    let socket = Self.properties(socketText)
    let listens = socket.filter { $0.key == "Listen" && $0.value.hasSuffix(" (Stream)") }.map {
      String($0.value.dropLast(" (Stream)".count))
    }
    let triggers = Self.properties(unitText).first { $0.key == "TriggeredBy" }?.value ?? ""
    let others = triggers.split(separator: " ").map(String.init).filter {
      $0.hasSuffix(".socket") && $0 != "docker.socket"
    }
    let isSocketLoaded = socket.contains { $0.key == "LoadState" && $0.value == "loaded" }
    let engine = DockerAPI.EngineState(
      unit: unit, configured: start ?? ExecStart(program: "", words: []),
      running: words.isEmpty ? nil : words, socketListens: isSocketLoaded ? listens : nil,
      otherSockets: others, answers: ping == "200",
      socketMode: socketAccess.mode, socketOwner: socketAccess.owner, files: files)
    let ports = [layout.port, layout.plainPort]
    return DockerAPI.NodeState(
      engine: engine,
      listeners: listeners.filter { ports.contains($0.port) || $0.names.contains("dockerd") })
  }

  private mutating func proxy(_ clients: [String]) -> DockerAPI.ProxyState? {
    guard let (unit, _) = fields.popFirst().flatMap({ Self.unit($0) }), let process = fields.popFirst(),
      let program = fields.popFirst(),
      let ipv6 = fields.popFirst(), ["yes", "no"].contains(ipv6), let said = fields.popFirst(),
      let files = files(ProxyFiles.paths(layout)), let refused = fields.popFirst(),
      let module = fields.popFirst()
    else { return nil }
    var loaded: DockerAPI.LoadedConfiguration?
    if said.hasPrefix("said ") {
      // Without the line break that the shell takes away. What is no answer of ours comes from another configuration.
      loaded = Loaded.parse(String(said.dropFirst("said ".count)) + "\n")
    } else if said != "silent", said != "hangs" {
      return nil
    }
    return DockerAPI.ProxyState(
      unit: unit, program: program.hasPrefix("/") ? program : nil,
      module: module.isEmpty ? .missing : module == "built-in" ? .builtIn : .file(module),
      hasIPv6: ipv6 == "yes", loaded: loaded, files: files, refused: refused.isEmpty ? nil : refused,
      clients: clients, process: Self.process(process), hangs: said == "hangs")
  }

  /// `1 nginx: master process /usr/sbin/nginx ...`, with the kernel's word for no new privileges before it.
  private static func process(_ text: String) -> DockerAPI.ProxyProcess? {
    let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, ["0", "1"].contains(parts[0]) else { return nil }
    let title = parts[1].split(separator: " ").joined(separator: " ")
    return title.isEmpty ? nil : DockerAPI.ProxyProcess(isConfined: parts[0] == "1", title: title)
  }

  private mutating func files(_ paths: [String]) -> ServiceFilesState? {
    let count = paths.count + 1
    guard fields.count >= count else { return nil }
    defer { fields = fields.dropFirst(count) }
    return ServiceFilesScript.parse(Array(fields.prefix(count)), paths: paths)
  }

  // MARK: What systemd and the kernel say

  /// `660 root:docker`, and nothing for what is not there.
  private static func access(_ text: String) -> (mode: FileMode?, owner: FileOwner?)? {
    guard !text.isEmpty else { return (nil, nil) }
    let words = text.split(separator: " ")
    guard words.count == 2, let mode = UInt16(words[0], radix: 8), let owner = FileOwner(words[1]) else {
      return nil
    }
    return (FileMode(bits: mode), owner)
  }

  private static func properties(_ text: String) -> [(key: String, value: String)] {
    text.split(separator: "\n").compactMap { line in
      guard let sign = line.firstIndex(of: "=") else { return nil }
      return (String(line[..<sign]), String(line.suffix(from: sign).dropFirst()))
    }
  }

  private static func unit(_ text: String) -> (DockerAPI.UnitState, ExecStart?)? {
    let properties = Dictionary(properties(text).map { ($0.key, $0.value) }) { first, _ in first }
    guard let load = properties["LoadState"], let active = properties["ActiveState"],
      let process = Int(properties["MainPID"] ?? "0")
    else { return nil }
    let unit = DockerAPI.UnitState(
      load: load, active: active, isEnabled: properties["UnitFileState"].map { $0 == "enabled" },
      mainProcess: process,
      // Those for all services are not about this one, unless somebody put them there by hand.
      dropIns: (properties["DropInPaths"] ?? "").split(separator: " ").map(String.init).filter {
        !$0.contains("/service.d/") || $0.hasPrefix("/etc/")
      })
    return (unit, properties["ExecStart"].flatMap { ExecStart(property: $0) })
  }

  /// Lines of `ss -ltnpH`: `LISTEN 0 4096 *:2375 *:* users:(("dockerd",pid=412,fd=7))`.
  static func listeners(_ text: String) -> [DockerAPI.Listener]? {
    var listeners: [DockerAPI.Listener] = []
    let lines = text.split(separator: "\n")
    for line in lines {
      let columns = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      // Anybody may call his process what he likes, with a line break in it too: that hides no other line.
      guard columns.count >= 5, columns[0] == "LISTEN", let colon = columns[3].lastIndex(of: ":"),
        let port = Int(columns[3].suffix(from: colon).dropFirst())
      else { continue }
      let users = columns.count > 5 ? users(columns[5]) : []
      let names = users.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      listeners.append(
        DockerAPI.Listener(
          address: String(columns[3][..<colon]), port: port, names: names.sorted(),
          processes: Set(users.map(\.process)).sorted()))
    }
    guard !listeners.isEmpty || lines.isEmpty else { return nil }
    return listeners.sorted { ($0.port, $0.address) < ($1.port, $1.address) }
  }

  /// `users:(("nginx",pid=500,fd=5),("nginx",pid=501,fd=5))`. A name may hold what looks like the end of one: an entry
  /// ends only where another begins or the list ends, and what cannot be read so is nobody.
  private static func users(_ text: Substring) -> [(name: String, process: Int)] {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    guard text.hasPrefix("users:("), text.hasSuffix(")") else { return [] }
    var rest = text.dropFirst("users:(".count).dropLast()
    var users: [(name: String, process: Int)] = []
    while !rest.isEmpty {
      guard let (user, after) = firstUser(rest) else { return [] }
      users.append(user)
      rest = after
    }
    return users
  }

  private static func firstUser(_ text: Substring) -> ((name: String, process: Int), Substring)? {
    guard text.hasPrefix("(\"") else { return nil }
    let name = text.dropFirst(2)
    var start = name.startIndex
    while let mark = name[start...].firstRange(of: "\",pid=") {
      let number = name[mark.upperBound...].prefix { $0.isASCII && $0.isNumber }
      let behind = name[number.endIndex...]
      let file = behind.dropFirst(",fd=".count).prefix { $0.isASCII && $0.isNumber }
      let end = name[file.endIndex...]
      if behind.hasPrefix(",fd="), !file.isEmpty, end == ")" || end.hasPrefix("),(\""),
        let process = Int(number)
      {
        return ((String(name[..<mark.lowerBound]), process), end.dropFirst(end == ")" ? 1 : 2))
      }
      start = mark.upperBound
    }
    return nil
  }
}
