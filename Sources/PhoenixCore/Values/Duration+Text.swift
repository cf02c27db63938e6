extension Duration {
  /// Reads a duration of phoenixd.json: whole numbers with `ms`, `s`, `m`, `h` or `d`, such as `30s` or `1h30m`.
  ///
  /// nil when the text is none, or longer than a hundred years.
  ///
  /// - Parameter text: At least one number with its unit, the larger units first.
  public init?(configurationText text: some StringProtocol) {
    let units: [(name: String, milliseconds: Int64)] = [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    var rest = text[...]
    var total: Int64 = 0
    var largest = units.startIndex
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest[name.endIndex...]
      guard (1...15).contains(digits.utf8.count), let number = Int64(digits),
        let unit = units[largest...].firstIndex(where: { $0.name == name })
      else { return nil }
      let (part, overflow) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
      guard !overflow, part <= 3_155_760_000_000 - total else { return nil }
      total += part
      largest = unit + 1
    }
    self = .milliseconds(total)
  }

  /// The duration as phoenixd.json would say it, such as `1h30m`; `0s` for none.
  public var configurationText: String {
    var rest = wholeMilliseconds
    var text = ""
    for (name, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", Int64(1))] {
      if rest >= size { text += "\(rest / size)\(name)" }
      rest %= size
    }
    return text.isEmpty ? "0s" : text
  }
}
