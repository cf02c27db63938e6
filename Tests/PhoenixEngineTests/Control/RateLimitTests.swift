import PhoenixCore
import Testing

@testable import PhoenixEngine

struct RateLimitTests {
  @Test func aBurstThenASteadyRate() {
    var limit = RateLimit(burst: 3, interval: .seconds(2))
    let now = BootTime(milliseconds: 100_000)
    for _ in 0..<3 { #expect(limit.take(at: now) == nil) }
    #expect(limit.take(at: now) == .seconds(2))
    #expect(limit.take(at: now + .milliseconds(1_500)) == .milliseconds(500))
    #expect(limit.take(at: now + .seconds(2)) == nil)
    #expect(limit.take(at: now + .seconds(2)) == .seconds(2))
    let later = now + .seconds(3_600)
    for _ in 0..<3 { #expect(limit.take(at: later) == nil) }
    #expect(limit.take(at: later) != nil)
  }

  @Test func itWorksRightAfterBoot() {
    var limit = RateLimit(burst: 2, interval: .seconds(1))
    let now = BootTime(milliseconds: 0)
    #expect(limit.take(at: now) == nil)
    #expect(limit.take(at: now) == nil)
    #expect(limit.take(at: now) == .seconds(1))
  }
}
