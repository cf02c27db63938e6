extension StringProtocol {
  /// Without spaces, tabs and line ends at both ends.
  var trimmed: SubSequence {
    let isSpace = { (character: Character) in [" ", "\t", "\n", "\r", "\r\n"].contains(character) }
    guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
    else { return self[endIndex...] }
    return self[first...last]
  }
}
