import COpenSSL

/// The rule by which a certificate's names are compared with the host that was asked for.
enum PeerName {
  /// Modern clients ignore the common name, and a `*` stands for a whole label.
  static let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

  /// Lets a verification insist on a host name or address; whether libssl took it.
  static func expect(_ host: String, _ parameters: OpaquePointer?) -> Bool {
    if let address = SubjectName.addressBytes(host) {
      return X509_VERIFY_PARAM_set1_ip(parameters, address, address.count) == 1
    }
    X509_VERIFY_PARAM_set_hostflags(parameters, flags)
    return !host.isEmpty && X509_VERIFY_PARAM_set1_host(parameters, host, host.utf8.count) == 1
  }

  /// Whether a certificate is for a host name or address.
  static func accepts(_ certificate: OpaquePointer, _ host: String) -> Bool {
    if let address = SubjectName.addressBytes(host) {
      return X509_check_ip(certificate, address, address.count, 0) == 1
    }
    return !host.isEmpty && X509_check_host(certificate, host, host.utf8.count, flags, nil) == 1
  }
}
