/// One metric in the text format 0.0.4 of Prometheus.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  private struct Sample {
    let suffix: String
    let labels: [(String, String)]
    let value: String
  }

  private let name: String
  private let kind: Kind
  private let help: String
  private var samples: [Sample] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  mutating func add(_ labels: [(String, String)] = [], _ value: Int) {
    samples.append(Sample(suffix: "", labels: labels, value: String(value)))
  }

  /// Adds a histogram: the counts up to each bound, the count of all, and their sum in seconds.
  mutating func add(
    _ labels: [(String, String)], buckets: [(bound: Double, count: Int)], count: Int, seconds: Double
  ) {
    for bucket in buckets {
      let bound = [("le", "\(bucket.bound)")]
      samples.append(Sample(suffix: "_bucket", labels: labels + bound, value: String(bucket.count)))
    }
    samples.append(Sample(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: String(count)))
    samples.append(Sample(suffix: "_sum", labels: labels, value: "\(seconds)"))
    samples.append(Sample(suffix: "_count", labels: labels, value: String(count)))
  }

  var text: String {
    var text = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
      text += "\(name)\(sample.suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
    }
    return text
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
    return text
  }
}
