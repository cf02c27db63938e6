import PhoenixCore

@testable import PhoenixSystems

/// A door as other systems see it: it lets in whom it was told of, and publishes that.
struct SimulatedDoor {
  let name: String
  let key: FactKey
  /// The SHA-1 fingerprints that it lets in.
  private(set) var admitted: [String] = []
  var isReadable = true

  init(for name: String, guest: Int = 1001) {
    self.name = name
    key = .admitted(name, at: .dockerAPI, guest: guest)
  }

  var facts: [FactKey: Reading<FactValue>] {
    [key: isReadable ? .known(.list(admitted)) : .unreadable("no route")]
  }

  /// Takes up what certificates publish; changes nothing when that cannot be read.
  mutating func follow(_ observed: Certificates.Observed) {
    if case .known(.list(let leaves)) = Certificates.facts(of: observed)[.clientFingerprints(name)] {
      admitted = leaves
    }
  }
}
