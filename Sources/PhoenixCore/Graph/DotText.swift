/// A picture as Graphviz's dot.
public enum DotText {
  /// Writes a picture.
  ///
  /// - Parameter graph: The picture.
  /// - Returns: The text, the same for the same picture.
  public static func render(_ graph: SiteGraph) -> String {
    var lines = [
      "digraph phoenix {", "  rankdir=LR;", "  node [shape=box, style=filled, fillcolor=\"#ffffff\"];",
      "  \(box(SiteGraph.client));",
    ]
    for group in graph.groups {
      lines.append("  subgraph cluster_\(group.id) {")
      lines.append("    label=\(quoted([group.title]));")
      lines += group.boxes.map { "    \(box($0));" }
      lines.append("  }")
    }
    lines += graph.arrows.map { "  \($0.from) -> \($0.to) [\(attributes($0.kind))];" }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  private static func box(_ box: SiteGraph.Box) -> String {
    var attributes = "label=\(quoted(box.lines))"
    if let state = box.state {
      let (fill, stroke) = state.colours
      attributes += ", class=\"\(state.rawValue)\", fillcolor=\"\(fill)\", color=\"\(stroke)\""
    }
    return "\(box.id) [\(attributes)]"
  }

  private static func attributes(_ kind: SiteGraph.Arrow.Kind) -> String {
    switch kind {
    case .request: "class=\"request\", penwidth=3"
    case .needs: "class=\"needs\""
    case .looks: "class=\"looks\", style=dotted"
    }
  }

  private static func quoted(_ lines: [String]) -> String {
    let escaped = lines.map { line in
      line.escapedForTerminals.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
    return "\"\(escaped.joined(separator: "\\n"))\""
  }
}

extension ResourceStatus.State {
  /// How a box of this state is filled and framed.
  var colours: (fill: String, stroke: String) {
    switch self {
    case .inSync: ("#d3f2d9", "#2e8540")
    case .drifted, .pending: ("#fff1c2", "#c28a00")
    case .held: ("#ffe0c2", "#d9730d")
    case .failed: ("#f8d0d0", "#c21f1f")
    case .suspended: ("#d6e4f7", "#2f6fbf")
    case .unknown: ("#e4e4e4", "#767676")
    }
  }
}
