import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("Where a guest's configuration differs from the files")
struct GuestDifferenceTests {
  static let kinds = [Proxmox.GuestKind.container, .machine]

  /// A key as somebody may have left it, and what the plan says then.
  struct Case: CustomTestStringConvertible, Sendable {
    let kind: Proxmox.GuestKind
    let key: String
    let value: String?
    let field: String
    let from: FieldValue?
    var risk = Risk.safe
    var waits = false

    var testDescription: String { "\(kind.rawValue) \(key)=\(value ?? "-")" }
  }

  static let cases: [Case] = [
    Case(kind: .container, key: "hostname", value: "other", field: "name", from: .text("other")),
    Case(kind: .container, key: "cores", value: "1", field: "cores", from: .number(1)),
    Case(kind: .container, key: "cores", value: nil, field: "cores", from: nil),
    Case(kind: .container, key: "memory", value: "1024", field: "memory_mb", from: .number(1024)),
    Case(
      kind: .container, key: "memory", value: "4096", field: "memory_mb", from: .number(4096),
      risk: .disruptive),
    Case(kind: .container, key: "memory", value: nil, field: "memory_mb", from: .number(512)),
    Case(kind: .container, key: "swap", value: nil, field: "swap_mb", from: .number(512)),
    Case(kind: .container, key: "onboot", value: nil, field: "start_at_boot", from: .flag(false)),
    Case(kind: .container, key: "startup", value: "order=3,up=10", field: "boot_order", from: .number(3)),
    Case(kind: .container, key: "startup", value: "up=10", field: "boot_order", from: nil),
    Case(kind: .container, key: "startup", value: "order=4,up=1", field: "boot_delay", from: .number(1)),
    Case(
      kind: .container, key: "features", value: nil, field: "pct_options.nesting", from: .flag(false),
      waits: true),
    Case(
      kind: .container, key: "nameserver", value: "10.0.0.1 10.0.0.13", field: "network_config.nameservers",
      from: .list(["10.0.0.1", "10.0.0.13"]), waits: true),
    Case(
      kind: .container, key: "rootfs", value: "rpool:subvol-100-disk-0,size=8G", field: "storage_size_gb",
      from: .number(8)),
    Case(
      kind: .container, key: "net0",
      value:
        "name=eth0,bridge=vmbr1,firewall=1,gw=10.0.0.1,hwaddr=BC:24:11:00:01:03,ip=10.0.0.10/24,type=veth",
      field: "network_config.bridge", from: .text("vmbr1"), risk: .disruptive),
    Case(
      kind: .container, key: "net0",
      value: "name=eth0,bridge=vmbr0,firewall=1,gw=10.0.0.1,hwaddr=BC:24:11:00:01:03,ip=dhcp,type=veth",
      field: "network_config.ip", from: .text("dhcp"), risk: .disruptive),
    Case(
      kind: .container, key: "net0",
      value: "name=eth0,bridge=vmbr0,gw=10.0.0.1,hwaddr=BC:24:11:00:01:03,ip=10.0.0.10/24,type=veth",
      field: "network_config.firewall", from: .flag(false)),
    Case(
      kind: .container, key: "net0",
      value:
        "name=eth0,bridge=vmbr0,firewall=1,gw=10.0.0.1,hwaddr=BC:24:11:00:01:99,ip=10.0.0.10/24,type=veth",
      field: "mac_address", from: .text("BC:24:11:00:01:99"), risk: .disruptive),
    Case(
      kind: .container, key: "tags", value: "web;db", field: "tags", from: .list(["web", "db"])),
    Case(kind: .machine, key: "name", value: nil, field: "name", from: nil),
    Case(kind: .machine, key: "cores", value: nil, field: "cores", from: .number(1), waits: true),
    Case(kind: .machine, key: "memory", value: "4096", field: "memory_mb", from: .number(4096), waits: true),
    Case(
      kind: .machine, key: "memory", value: "current=1024", field: "memory_mb", from: .number(1024),
      waits: true),
    Case(
      kind: .machine, key: "ciuser", value: "root", field: "user_config.username", from: .text("root"),
      waits: true),
    Case(
      kind: .machine, key: "ipconfig0", value: "ip=dhcp,gw=10.0.0.1", field: "network_config.ip",
      from: .text("dhcp"),
      waits: true),
    Case(
      kind: .machine, key: "net0", value: "virtio=BC:24:11:00:01:99,bridge=vmbr0,firewall=1",
      field: "mac_address",
      from: .text("BC:24:11:00:01:99"), risk: .disruptive),
    Case(
      kind: .machine, key: "scsi0", value: "rpool:vm-100-disk-0,size=20480M", field: "disk_size_gb",
      from: .number(20)),
  ]

  @Test(
    "Every key, changed by hand: the field, what it was, its risk, whether it waits for a restart",
    arguments: cases)
  func key(_ item: Case) throws {
    let guest = GuestFixtures.desired(item.kind)
    var live = GuestFixtures.right(guest)
    #expect(GuestFixtures.difference(live, guest).rows.isEmpty)
    live.current[item.key] = item.value
    let row = try #require(GuestFixtures.difference(live, guest).rows.first)
    #expect(GuestFixtures.difference(live, guest).rows.count == 1)
    #expect(row.field.field == item.field && row.field.from == item.from)
    #expect(row.risk == item.risk && row.field.pendingRestart == item.waits)
    #expect(row.setting.key == item.key || item.field == "network_config.ip")

    // What does not run drops no connection, and waits for nothing.
    let still = try #require(GuestFixtures.difference(live, guest, isRunning: false).rows.first)
    #expect(still.risk == .safe && !still.field.pendingRestart)

    // A write of the field leaves nothing, and keeps the parts of the value that are not ours.
    var simulated = SimulatedGuest(item.kind, live, status: "stopped")
    if case .size(let disk, let size) = row.setting {
      try simulated.resize(disk, "\(size)G")
    } else {
      let fields = GuestWriter.fields([row], live)
      try simulated.write(
        Dictionary(fields.map { ($0.name, .some($0.value)) }) { first, _ in first }, digest: nil)
    }
    #expect(GuestFixtures.difference(simulated.configuration, guest).rows.isEmpty)

    // A field that is ignored is left as it is.
    var careless = guest
    careless.ignored = [item.field]
    #expect(GuestFixtures.difference(live, careless).rows.isEmpty)
  }

  @Test(
    "The same, written otherwise, is no difference",
    arguments: [
      (
        .container, "net0",
        "type=veth,ip=10.0.0.10/24,hwaddr=bc:24:11:00:01:03,gw=10.0.0.1,firewall=1,bridge=vmbr0,name=eth0"
      ),
      (.container, "rootfs", "rpool:subvol-100-disk-0,size=32768M"),
      (.container, "rootfs", "size=0.03125T,volume=x"),
      (.container, "nameserver", "10.0.0.13,10.0.0.1"), (.container, "startup", "up=10,order=4,down=9"),
      (.container, "features", "keyctl=1,nesting=1"), (.container, "tags", "x Phoenix,y"),
      (.container, "mp0", "a:b,mp=/x"),
      (.machine, "memory", "current=2048"),
      (.machine, "net0", "bridge=vmbr0,virtio=bc:24:11:00:01:03,firewall=1"),
      (.machine, "net0", "e1000=BC:24:11:00:01:03,bridge=vmbr0,firewall=1,tag=7"),
      (.machine, "net7", "virtio=x"),
    ] as [(Proxmox.GuestKind, String, String)])
  func same(kind: Proxmox.GuestKind, key: String, value: String) {
    let guest = GuestFixtures.desired(kind)
    var live = GuestFixtures.right(guest)
    live.current[key] = value
    #expect(GuestFixtures.difference(live, guest).rows.isEmpty)
  }

  @Test("What the files leave open is left as it is", arguments: kinds)
  func open(kind: Proxmox.GuestKind) {
    let guest = Proxmox.DesiredGuest(kind: kind, name: "x")
    for key in ["cores", "memory", "swap", "onboot", "startup", "features", "nameserver", "ciuser", "net0"] {
      let live = Proxmox.GuestConfiguration(current: [
        kind == .container ? "hostname" : "name": "x", "tags": "phoenix", key: "7",
      ])
      #expect(GuestFixtures.difference(live, guest).rows.isEmpty, "\(key)")
    }
  }

  @Test("What Proxmox cannot do is said, and never a difference", arguments: kinds)
  func obstacles(kind: Proxmox.GuestKind) {
    let guest = GuestFixtures.desired(kind)
    let disk = kind == .container ? "rootfs" : "scsi0"
    for (key, value, text) in [
      (disk, "rpool:x,size=64G", "Proxmox makes no disk smaller"),
      (disk, "local:x,size=32G", "Phoenix moves no disk"),
    ] as [(String, String, String)] {
      var live = GuestFixtures.right(guest)
      live.current[key] = value
      let difference = GuestFixtures.difference(live, guest)
      #expect(
        difference.obstacles.count == 1 && difference.obstacles[0].contains(text), "\(difference.obstacles)")
      #expect(!difference.rows.contains { $0.setting.key == disk })
    }
  }

  @Test("A device that a guest lacks is made, whole", arguments: kinds)
  func missingDevice(kind: Proxmox.GuestKind) throws {
    var guest = GuestFixtures.desired(kind)
    for mac in ["BC:24:11:00:01:03", nil] {
      guest.networks[0].mac = mac
      guest.networks[0].name = nil
      var live = GuestFixtures.right(guest)
      live.current["net0"] = nil
      let rows = GuestFixtures.difference(live, guest).rows
      let written = try #require(GuestWriter.fields(rows, live).first { $0.name == "net0" }?.value)
      let device = PropertyString(written)
      #expect(device["bridge"] == "vmbr0" && device["firewall"] == "1")
      if kind == .container {
        #expect(device["name"] == "eth0" && device["ip"] == "10.0.0.10/24" && device["hwaddr"] == mac)
      } else {
        #expect(mac == nil ? device["model"] == "virtio" : device["virtio"] == mac)
      }
    }
  }

  @Test("Nothing of a value that is not understood is believed")
  func garbage() {
    for kind in Self.kinds {
      let guest = GuestFixtures.desired(kind)
      for key in GuestFixtures.right(guest).current.keys {
        for value in [
          "", ",", "=", "=,=", ",,,a=b=c", "size=", "size=G", "size=-1G", "size=99999999999999T", "\u{1}",
        ] {
          var live = GuestFixtures.right(guest)
          live.current[key] = value
          _ = GuestFixtures.difference(live, guest)
        }
      }
    }
  }

  @Test(
    "Sizes",
    arguments: [
      ("8G", 8 << 30), ("4096M", 4 << 30), ("1T", 1 << 40), ("512K", 512 << 10), ("1024", 1024),
      ("1.5G", 3 << 29),
      ("8g", 8 << 30), ("", nil), ("G", nil), ("-1G", nil), ("8X", nil), ("1e3G", nil), ("99999999999T", nil),
    ] as [(String, Int?)])
  func sizes(text: String, bytes: Int?) {
    #expect(DiskSize(text)?.bytes == bytes)
  }

  @Test("Parts of a value keep their order and what is not known")
  func parts() {
    var value = PropertyString("local:vm-1-disk-0,iothread=1,size=8G")
    #expect(value.unnamed == "local:vm-1-disk-0" && value["size"] == "8G" && value["x"] == nil)
    value["size"] = "9G"
    value["ssd"] = "1"
    value["iothread"] = nil
    #expect(value.text == "local:vm-1-disk-0,size=9G,ssd=1")
    #expect(PropertyString("").text.isEmpty)
  }
}
