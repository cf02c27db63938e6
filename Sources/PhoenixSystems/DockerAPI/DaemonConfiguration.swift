import PhoenixCore

/// dockerd's daemon.json, and the same without what opens TCP. Pure.
struct DaemonConfiguration {
  /// What opens TCP, `key: value`, in the order of the file.
  let removed: [String]
  /// The ports of its TCP addresses.
  let ports: Set<Int>
  /// The file without them; other keys and their order stay.
  let converted: String
  /// Whether another address than TCP is among its own.
  let hasSocket: Bool
  /// Whether it switches TLS on, with which dockerd takes a TCP port for its default.
  let hasTLS: Bool

  private static let tlsKeys: Set<String> = ["tls", "tlsverify", "tlscacert", "tlscert", "tlskey"]

  /// Reads a daemon.json; nil for what dockerd could not read either, or would read otherwise than we do.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy({ [0x20, 0x09, 0x0a, 0x0d].contains($0) }) {
      (removed, ports, converted, hasSocket, hasTLS) = ([], [], text, false, false)
      return
    }
    let parsed = JSONText.parse(bytes, file: "daemon.json")
    // Of a key that stands twice we take the first one, and dockerd the last.
    guard let root = parsed.root, case .object(let members) = root.content, parsed.findings.isEmpty else {
      return nil
    }
    var (kept, removed, ports): ([Node.Member], [String], Set<Int>) = ([], [], [])
    var (hasSocket, hasTLS) = (false, false)
    for member in members {
      if member.key == "hosts" {
        let open = member.value.strings.filter(DaemonArguments.isTCP)
        let others = member.value.elements.filter { $0.string.map { !DaemonArguments.isTCP($0) } ?? true }
        ports.formUnion(open.map(DaemonArguments.port(of:)))
        hasSocket = !others.isEmpty
        guard !open.isEmpty else {
          kept.append(member)
          continue
        }
        removed.append("hosts: \(open.joined(separator: ", "))")
        guard hasSocket else { continue }
        let rest = Node(.array(others), at: member.value.location)
        kept.append(Node.Member(key: member.key, keyLocation: member.keyLocation, value: rest))
      } else if Self.tlsKeys.contains(member.key) {
        hasTLS = hasTLS || (["tls", "tlsverify"].contains(member.key) && member.value.bool == true)
        removed.append("\(member.key): \(member.value.bool.map { "\($0)" } ?? member.value.string ?? "")")
      } else {
        kept.append(member)
      }
    }
    self.removed = removed
    self.ports = ports
    converted = removed.isEmpty ? text : Node(.object(kept), at: root.location).prettyText
    self.hasSocket = hasSocket
    self.hasTLS = hasTLS
  }
}
