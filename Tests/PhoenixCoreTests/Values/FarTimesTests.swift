import PhoenixCore
import Testing

/// Moments come from requests, saved plans and certificates: any number is one, and none ends the process.
@Suite struct FarTimesTests {
  @Test(arguments: [Int64.max, Int64.min, Int64.max / 1000, 0])
  func anySecondsAreAMoment(seconds: Int64) {
    let moment = WallTime(seconds: seconds)
    #expect((moment < WallTime(seconds: 0)) == (seconds < 0))
    #expect(!moment.utcText.isEmpty)
    for other in [WallTime(seconds: .max), WallTime(seconds: .min), WallTime(milliseconds: .max)] {
      #expect((moment - other > .zero) == (moment > other))
      #expect(other + (moment - other) >= other || moment < other)
    }
  }

  @Test func ordinaryOnesAreExact() {
    #expect(WallTime(seconds: 1_800_000_000).milliseconds == 1_800_000_000_000)
    #expect(WallTime(seconds: 10) - WallTime(seconds: 4) == .seconds(6))
    #expect(WallTime(seconds: -10) + .seconds(4) == WallTime(seconds: -6))
  }
}
