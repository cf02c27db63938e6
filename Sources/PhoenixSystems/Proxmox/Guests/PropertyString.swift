/// A value of Proxmox's that is made of parts, such as `name=eth0,bridge=vmbr0` or `local:vm-101-disk-0,size=8G`.
///
/// Parts that Phoenix does not know stay as they are, in their order.
struct PropertyString: Hashable, Sendable {
  private struct Part: Hashable {
    /// nil for the part that Proxmox lets stand without its name.
    let name: String?
    var value: String
  }

  private var parts: [Part]

  /// Reads a value.
  init(_ text: String) {
    parts = text.split(separator: ",").map { part in
      guard let sign = part.firstIndex(of: "=") else { return Part(name: nil, value: String(part)) }
      return Part(name: String(part[..<sign]), value: String(part[part.index(after: sign)...]))
    }
  }

  /// The part that stands without a name: of a disk its volume.
  var unnamed: String? { parts.first { $0.name == nil }?.value }

  /// The value of a part; nil takes it away.
  subscript(name: String) -> String? {
    get { parts.first { $0.name == name }?.value }
    set {
      let index = parts.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): parts[index].value = value
      case (let index?, nil): parts.remove(at: index)
      case (nil, let value?): parts.append(Part(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The name and value of the first part whose name is one of these.
  func first(of names: Set<String>) -> (name: String, value: String)? {
    for part in parts {
      if let name = part.name, names.contains(name) { return (name, part.value) }
    }
    return nil
  }

  /// The value as Proxmox takes it.
  var text: String {
    parts.map { part in part.name.map { "\($0)=\(part.value)" } ?? part.value }.joined(separator: ",")
  }
}
