import PhoenixCore

/// What the doors that a certificate opens say of its leaves. Pure.
struct Admission: Equatable {
  private let doors: [Reading<FactValue>]

  init(_ wanted: Certificates.DesiredCertificate, _ facts: Facts) {
    doors = wanted.admissions.map { facts[$0] }
  }

  /// Whether every door lets a leaf in. One that cannot be read does not.
  func isOpen(to leaf: Certificates.Leaf) -> Bool {
    doors.allSatisfy { door in
      if case .known(.list(let known)) = door { known.contains(leaf.sha1) } else { false }
    }
  }

  /// Whether there are doors at all.
  var isAsked: Bool { !doors.isEmpty }
}
