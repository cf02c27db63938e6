/// A system that Phoenix keeps, as it is named in resources, targets and metrics.
public enum SystemName: String, CaseIterable, Codable, Sendable, Hashable, Comparable {
  case proxmox
  case hypervisor
  case guests
  case stepCA = "step-ca"
  case certificates
  case dockerAPI = "docker-api"
  case nginx
  case traefik
  case swarm
  case portainer
  case dns
  case health

  /// The order in which systems are listed: that of the declaration, which is that of provisioning.
  public static func < (left: SystemName, right: SystemName) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}
