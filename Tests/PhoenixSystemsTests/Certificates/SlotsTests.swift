import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("A few at a time", .timeLimit(.minutes(1)))
struct SlotsTests {
  @Test("Who is about to expire does not wait for his turn, others do")
  func urgent() async {
    let slots = Slots(count: 1)
    let order = Lock<[String]>([])
    let waiter = Lock<Task<Void, Never>?>(nil)
    await slots.with(urgent: false) {
      let task = Task { await slots.with(urgent: false) { order.withLock { $0.append("patient") } } }
      waiter.withLock { $0 = task }
      await slots.with(urgent: true) { order.withLock { $0.append("urgent") } }
      try? await Task.sleep(for: .milliseconds(50))
      order.withLock { $0.append("first") }
    }
    await waiter.withLock { $0 }?.value
    #expect(order.withLock { $0 } == ["urgent", "first", "patient"])
  }
}
