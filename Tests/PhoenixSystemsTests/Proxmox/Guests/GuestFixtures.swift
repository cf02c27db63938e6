import PhoenixCore

@testable import PhoenixSystems

/// Guests as the example files declare them, and how they look when all is right.
enum GuestFixtures {
  static func desired(_ kind: Proxmox.GuestKind) -> Proxmox.DesiredGuest {
    var guest = Proxmox.DesiredGuest(kind: kind, name: kind == .container ? "Step-CA" : "Portainer")
    guest.cores = 2
    guest.memory = 2048
    guest.diskSize = 32
    guest.storage = "rpool"
    guest.networks = [
      Proxmox.DesiredNetwork(
        name: kind == .container ? "eth0" : nil, bridge: "vmbr0", address: "10.0.0.10/24",
        gateway: "10.0.0.1",
        mac: "BC:24:11:00:01:03", isFiltered: true)
    ]
    guest.nameservers = ["10.0.0.13", "10.0.0.1"]
    guest.startsAtBoot = true
    guest.bootOrder = 4
    guest.bootDelay = 10
    switch kind {
    case .container:
      guest.swap = 1024
      guest.allowsNesting = true
    case .machine: guest.user = "phoenix"
    }
    return guest
  }

  /// The configuration that a guest has when it is as it should be.
  static func right(_ guest: Proxmox.DesiredGuest, vmid: Int = 100) -> Proxmox.GuestConfiguration {
    let isContainer = guest.kind == .container
    var bare = Proxmox.GuestConfiguration(current: ["ostype": isContainer ? "debian" : "l26", "tags": "a;b"])
    if isContainer {
      bare.current["rootfs"] = "\(guest.storage ?? "local"):subvol-\(vmid)-disk-0,size=1G"
    } else {
      bare.current["boot"] = "order=ide2;scsi0;net0"
      bare.current["ide2"] = "\(guest.storage ?? "local"):vm-\(vmid)-cloudinit,media=cdrom"
      bare.current["scsi0"] = "\(guest.storage ?? "local"):vm-\(vmid)-disk-0,size=1G"
    }
    for network in guest.networks {
      bare.current["net\(network.slot)"] =
        isContainer ? "name=x,type=veth,rate=5" : "virtio=BC:24:11:AA:AA:AA,queues=2"
    }
    if guest.isTemplate { bare.current["template"] = "1" }
    let rows = GuestDifference(from: bare, to: guest, isRunning: false).rows
    for (key, value) in GuestWriter.fields(rows, bare) { bare.current[key] = value }
    if let disk = bare.systemDisk(guest.kind), let size = guest.diskSize {
      bare.current[disk] = bare.current[disk]?.replacing("size=1G", with: "size=\(size)G")
    }
    return bare
  }

  static func difference(
    _ live: Proxmox.GuestConfiguration, _ guest: Proxmox.DesiredGuest, isRunning: Bool = true
  ) -> GuestDifference { GuestDifference(from: live, to: guest, isRunning: isRunning) }

  /// A Proxmox that keeps one guest.
  static func desired(_ guest: Proxmox.DesiredGuest, _ vmid: Int, access: Proxmox.Access) -> Proxmox.Desired {
    Proxmox.Desired(access: access, firewalls: [:], guests: [vmid: guest])
  }
}
