/// Proxmox VE: what its API keeps of the guests. The first resource kind is the guest's firewall.
public struct Proxmox: Sendable {}
