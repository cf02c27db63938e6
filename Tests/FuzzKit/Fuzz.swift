import Glibc

/// Mutates good inputs for a while: one second, or as many as PHOENIX_FUZZ_SECONDS says. What it makes follows
/// from the seed, so a crash can be had again. Tests that use it have `fuzz` in their names: `make fuzz` finds them so.
public struct Fuzz: RandomNumberGenerator {
  private var state: UInt64

  /// Begins at a seed.
  public init(seed: UInt64) { state = seed }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Feeds mutations of some inputs until the time is over; the seed of each is its number.
  public static func run(_ inputs: [[UInt8]], feed: ([UInt8]) -> Void) {
    let seconds = getenv("PHOENIX_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1
    let end = ContinuousClock.now + .seconds(seconds)
    var seed: UInt64 = 0
    while ContinuousClock.now < end {
      var fuzz = Fuzz(seed: seed)
      feed(fuzz.mutation(of: inputs[Int(seed % UInt64(inputs.count))]))
      seed += 1
    }
  }

  private mutating func mutation(of input: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0..<Int.random(in: 1...8, using: &self) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
      case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...64, using: &self)))
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 32)], at: place)
      }
    }
    return bytes
  }
}
