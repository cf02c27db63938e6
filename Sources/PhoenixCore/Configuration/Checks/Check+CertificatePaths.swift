extension ConfigurationCheck {
  /// Two entries, or a key and its certificate, must not write the same file, and none writes what the guest itself
  /// lives by.
  func pathFindings(_ node: Node, _ paths: inout [String: Location]) -> [Finding] {
    var findings: [Finding] = []
    let places =
      (node["deploy"] == nil ? [(node["guest_id"]?.guestID, node)] : [])
      + (node["deploy"]?.elements ?? []).map { ($0["guest_id"]?.guestID, $0) }
    for (guest, place) in places {
      for path in [place["cert_path"], place["key_path"], place["ca_path"]].compactMap({ $0 }) {
        guard let text = path.accepted(.absolutePath) else { continue }
        let key = "\(guest ?? 0):\(text)"
        if let first = paths[key] {
          findings.append(
            Finding(
              .error, at: path.location, "the file \(text.quotedForPeople) is written already, by \(first)",
              hint: "give each file its own path"))
        }
        paths[key] = paths[key] ?? path.location
        if SystemFiles.contain(text) {
          findings.append(
            Finding(
              .error, at: path.location,
              "\(text.quotedForPeople) belongs to the guest's system, and would be replaced",
              hint: "choose a directory of the service that uses the certificate, such as /etc/nginx/ssl"))
        }
      }
    }
    return findings
  }
}

/// What a guest lives by: a certificate written there would cost its users their way in, or the guest its start.
private enum SystemFiles {
  private static let trees = [
    "/bin", "/boot", "/dev", "/etc/cron.d", "/etc/pam.d", "/etc/profile.d", "/etc/security",
    "/etc/sudoers.d", "/etc/systemd", "/lib", "/lib64", "/proc", "/root/.ssh", "/sbin", "/sys", "/usr/bin",
    "/usr/lib", "/usr/sbin",
  ]
  private static let files: Set<String> = [
    "/etc/crontab", "/etc/environment", "/etc/fstab", "/etc/group", "/etc/gshadow", "/etc/hostname",
    "/etc/hosts", "/etc/ld.so.conf", "/etc/ld.so.preload", "/etc/machine-id", "/etc/nsswitch.conf",
    "/etc/passwd", "/etc/profile", "/etc/resolv.conf", "/etc/shadow", "/etc/ssh/sshd_config", "/etc/sudoers",
  ]

  static func contain(_ path: String) -> Bool {
    files.contains(path) || trees.contains { path == $0 || path.hasPrefix("\($0)/") }
  }
}
