/// Columns of text, each as wide as its widest cell.
enum TableText {
  /// Writes rows; the last column is not padded.
  ///
  /// - Parameters:
  ///   - rows: The cells of each row, without control characters.
  ///   - indent: Begins each line.
  ///   - dress: Puts colours on a cell, after its width is known.
  /// - Returns: A line a row.
  static func render(
    _ rows: [[String]], indent: String = "  ",
    dress: (_ text: String, _ column: Int) -> String = { text, _ in text }
  ) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let last = row.lastIndex { !$0.isEmpty } ?? 0
      let cells = row.prefix(last + 1).enumerated().map { column, text in
        let padding = column == last ? "" : String(repeating: " ", count: widths[column] - text.count)
        return dress(text, column) + padding
      }
      return indent + cells.joined(separator: "  ")
    }
  }
}
