import FoundationEssentials
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("What guests' configurations should be")
struct GuestCompileTests {
  private func compile(containers: String = "{}", machines: String = "{}") throws -> Compiled<Proxmox.Desired>
  {
    let directory = try TemporaryDirectory()
    try directory.write(#"{"lxc_configs": \#(containers)}"#, to: "phoenix_lxc_configs.json")
    try directory.write(machines, to: "phoenix_vm_configs.json")
    let loaded = ConfigurationLoader.load(directory: directory.path)
    return Proxmox.compile(loaded.inventory, loaded.nodes)
  }

  @Test("The example's guests: each has a configuration, and each but the templates a power of its own")
  func example() {
    let compiled = LawExample.compile(Proxmox.self)
    let resources = compiled.resources.filter {
      $0.id.kind != "firewall" && $0.id.kind != "datacenter-firewall"
    }
    #expect(
      resources.map(\.id.description) == [
        "proxmox/container/101", "proxmox/container/102", "proxmox/container/103", "proxmox/container/900",
        "proxmox/power/101", "proxmox/power/102", "proxmox/power/103", "proxmox/power/1001",
        "proxmox/power/1002",
        "proxmox/vm/1001", "proxmox/vm/1002", "proxmox/vm/9000",
      ])
    #expect(
      resources.first { $0.id.name == "1001" }?.requires == [
        ResourceID(.proxmox, "vm", "1001"), ResourceID(.proxmox, "power", "102"),
      ])
    #expect(
      resources.first { $0.id.description == "proxmox/container/102" }?.madeFrom.map(\.name) == [
        "900", "103",
      ])
    let authority = compiled.desired.guests[103]
    #expect(authority?.memory == 512 && authority?.cores == 1 && authority?.diskSize == 8)
    #expect(
      authority?.networks.first?.address == "10.0.0.10/24" && authority?.networks.first?.isFiltered == true)
    #expect(authority?.allowsNesting == true && authority?.nameservers == ["10.0.0.13"])
    let manager = compiled.desired.guests[1001]
    #expect(manager?.diskSize == 32 && manager?.storage == "rpool-vm" && manager?.user == "phoenix")
    #expect(manager?.networks.first?.bridge == "vmbr0" && manager?.swap == nil)
    #expect(compiled.desired.guests[9000]?.networks.first?.address == "dhcp")
  }

  @Test("Devices keep their number, and addresses their kind")
  func networks() throws {
    let compiled = try compile(
      containers: """
        {"201": {"name": "two", "network_config": {"ip": "dhcp"}, "mac_address": "bc:24:11:00:00:01",
                 "secondary_network_config": {"name": "eth1", "ip": "10.0.0.7/24", "bridge": "vmbr1"}},
         "202": {"name": "second", "secondary_network_config": {"ip": "10.0.0.8/24"}}}
        """)
    let both = compiled.desired.guests[201]?.networks ?? []
    #expect(both.map(\.slot) == [0, 1] && both.map(\.address) == ["dhcp", "10.0.0.7/24"])
    #expect(both.map(\.mac) == ["BC:24:11:00:00:01", nil] && both.map(\.bridge) == [nil, "vmbr1"])
    #expect(both.map(\.isFiltered) == [nil, nil])
    #expect(compiled.desired.guests[202]?.networks.map(\.slot) == [1])
  }

  @Test("What a file leaves out is open, but for what vm_defaults say; ignored fields are named")
  func defaults() throws {
    let compiled = try compile(
      containers: #"{"201": {"name": "bare"}}"#,
      machines: """
        {"vm_defaults": {"cores": 3, "memory_mb": 1024, "disk_size_gb": 9, "storage_pool": "p"},
         "vms": [{"vmid": 301, "name": "bare"}, {"vmid": 302, "name": "own", "cores": 5, "ignore_fields": ["memory_mb"]}]}
        """)
    #expect(compiled.desired.guests[201] == Proxmox.DesiredGuest(kind: .container, name: "bare"))
    let bare = compiled.desired.guests[301]
    #expect(bare?.cores == 3 && bare?.memory == 1024 && bare?.diskSize == 9 && bare?.storage == "p")
    #expect(compiled.desired.guests[302]?.cores == 5)
    #expect(compiled.desired.guests[302]?.ignored == ["memory_mb"])
  }

  @Test(
    "What no token may set is told, once a guest",
    arguments: [
      (
        #""mount_points": [{"host_path": "/a", "container_path": "/b"}]"#,
        "mount_points of x (201) is not compared"
      ),
      (
        #""lxc_options": ["lxc.a=b"], "apparmor_profile": "unconfined""#,
        "apparmor_profile, lxc_options of x (201) are"
      ),
      (
        #""pct_options": ["--features nesting=1,keyctl=1", "--x y"]"#,
        "pct_options keyctl, pct_options --x y of x"
      ),
      (#""pct_options": ["--features nesting=0"], "mount_points": []"#, nil),
    ] as [(String, String?)])
  func privileged(keys: String, message: String?) throws {
    let compiled = try compile(containers: #"{"201": {"name": "x", \#(keys)}}"#)
    #expect(compiled.findings.map(\.severity) == (message == nil ? [] : [.note]))
    if let message {
      #expect(compiled.findings.first?.message.hasPrefix(message) == true, "\(compiled.findings)")
    }
    #expect(compiled.findings.allSatisfy { $0.location != nil })
  }
}
