/// A picture as Mermaid's flowchart, which GitHub and GitLab draw.
public enum MermaidText {
  /// Writes a picture.
  ///
  /// - Parameter graph: The picture.
  /// - Returns: The text, the same for the same picture.
  public static func render(_ graph: SiteGraph) -> String {
    var lines = ["flowchart LR"]
    for state in SiteGraph.states {
      let (fill, stroke) = state.colours
      lines.append("  classDef \(state.rawValue) fill:\(fill),stroke:\(stroke),color:#000000")
    }
    lines.append("  \(box(SiteGraph.client, open: "([", close: "])"))")
    for group in graph.groups {
      lines.append("  subgraph \(group.id)[\(quoted([group.title]))]")
      for item in group.boxes {
        let isItself = item.id == group.boxes.first?.id && item.id.hasSuffix("_itself")
        lines.append(
          "    \(isItself ? box(item, open: "([", close: "])") : box(item, open: "[", close: "]"))")
      }
      lines.append("  end")
    }
    lines += graph.arrows.map { "  \($0.from) \(line($0.kind)) \($0.to)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func box(_ box: SiteGraph.Box, open: String, close: String) -> String {
    "\(box.id)\(open)\(quoted(box.lines))\(close)" + (box.state.map { ":::\($0.rawValue)" } ?? "")
  }

  private static func line(_ kind: SiteGraph.Arrow.Kind) -> String {
    switch kind {
    case .request: "==>"
    case .needs: "-->"
    case .looks: "-.->"
    }
  }

  private static func quoted(_ lines: [String]) -> String {
    let escaped = lines.map { line in
      line.escapedForTerminals.map { character in
        switch character {
        case "#": "#35;"
        case "\"": "#quot;"
        case "<": "#lt;"
        case ">": "#gt;"
        case "`": "#96;"
        default: String(character)
        }
      }.joined()
    }
    return "\"\(escaped.joined(separator: "<br/>"))\""
  }
}
