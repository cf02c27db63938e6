import PhoenixCore

@testable import PhoenixSystems

extension Certificates.DesiredCertificate {
  /// The files in the guest, of a certificate that is known to be in one.
  var place: CertificatePlace {
    get { guest.place }
    set { destination = .guest(newValue, login) }
  }

  /// The way into the guest.
  var login: GuestLogin { guest.login }

  private var guest: (place: CertificatePlace, login: GuestLogin) {
    guard case .guest(let place, let login) = destination else {
      preconditionFailure("\(name) is in no guest")
    }
    return (place, login)
  }
}
