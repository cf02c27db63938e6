/// Does something with each item, a few at a time.
///
/// - Parameters:
///   - items: The items.
///   - width: How many at a time.
///   - work: What to do; it reports its own trouble in its result.
/// - Returns: The results in the order of the items.
func eachConcurrently<Item: Sendable, Value: Sendable>(
  _ items: [Item], width: Int, _ work: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
  var results = [Value?](repeating: nil, count: items.count)
  await withTaskGroup(of: NumberedResult<Value>.self) { group in
    var started = 0
    func startNext() {
      guard started < items.count else { return }
      let (index, item) = (started, items[started])
      started += 1
      group.addTask {
        let value = await work(item)
        return NumberedResult(index: index, value: value)
      }
    }
    for _ in 0..<min(width, items.count) { startNext() }
    while let result = await group.next() {
      results[result.index] = result.value
      startNext()
    }
  }
  return results.compactMap { $0 }
}

private struct NumberedResult<Value: Sendable>: Sendable {
  let index: Int
  let value: Value
}
