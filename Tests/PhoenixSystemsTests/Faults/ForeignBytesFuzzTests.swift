import FoundationEssentials
import FuzzKit
import PhoenixCore
import Testing

@testable import PhoenixSystems

/// Whoever speaks to us may say anything: no bytes crash a reader, and what it takes for an answer is well-formed.
@Suite("Broken answers", .timeLimit(.minutes(60)))
struct ForeignBytesFuzzTests {
  private static func json(_ bytes: [UInt8]) -> Node? { JSONText.parse(bytes, file: "answer").root }

  @Test("Proxmox's lists and options")
  func fuzzedProxmox() {
    let answers = [
      #"{"data":[{"pos":0,"type":"in","action":"ACCEPT","proto":"tcp","dport":"2376","source":"10.0.0.12","#
        + #""enable":1,"comment":"x","digest":"d"},{"pos":1,"type":"group","action":"web","iface":"net0"}]}"#,
      #"{"data":{"enable":1,"policy_in":"DROP","policy_out":"ACCEPT","digest":"d"}}"#,
      #"{"data":[{"vmid":101,"type":"lxc","node":"pve1","name":"g","status":"running","id":"lxc/101"}]}"#,
      #"{"data":[{"key":"net0","value":"name=eth0,bridge=vmbr0,firewall=1,ip=10.0.0.2/24"},{"key":"rootfs","value":"#
        + #""local:vm-1-disk-0,size=8.5G"},{"key":"memory","value":512,"pending":"1024"},{"key":"x","delete":1}]}"#,
    ]
    Fuzz.run(answers.map { Array($0.utf8) }) { bytes in
      guard let data = Self.json(bytes)?["data"] else { return }
      _ = try? Proxmox.guests(data)
      _ = try? Proxmox.options(data)
      _ = try? Proxmox.datacenter(data)
      if let configuration = try? Proxmox.configuration(pending: data) {
        for kind in [Proxmox.GuestKind.container, .machine] {
          _ = GuestDifference(from: configuration.stored, to: GuestFixtures.desired(kind), isRunning: true)
        }
      }
      if let rules = try? Proxmox.rules(data) { #expect(rules.count == data.elements.count) }
    }
  }

  @Test("A swarm's nodes, services and tasks")
  func fuzzedSwarm() {
    let answers = ["nodes", "services", "tasks", "history"].map { Array(FakeSwarm.recorded($0).utf8) }
    Fuzz.run(answers) { bytes in
      guard let root = Self.json(bytes) else { return }
      _ = try? Swarm.nodes(root)
      _ = try? Swarm.services(root)
      _ = try? Swarm.tasks(root)
    }
  }

  @Test("What a node tells of Docker")
  func fuzzedNode() {
    let said = "said \(String(repeating: "a", count: 64))\na \(DockerFixtures.leaf("1"))"
    let answers = [DockerLookTests.fields(), DockerLookTests.fields(said: said)].map { fields in
      Array(fields.map { $0 + "\0" }.joined().utf8)
    }
    Fuzz.run(answers) { bytes in
      let state = NodeLook.parse(bytes, DockerLookTests.layout, hasDoor: true, clients: ["a"])
      let leaves = (state?.proxy?.loaded?.admitted ?? [:]).values.flatMap { $0 }
      #expect(leaves.allSatisfy { $0.utf8.count == 40 && $0.allSatisfy(\.isHexDigit) })
    }
  }

  @Test("What dockerd is started with")
  func fuzzedDockerd() {
    let answers = [
      "{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// --label \"a b\" ; ignore_errors=no }",
      #"{"hosts": ["tcp://0.0.0.0:2376", "fd://"], "tlsverify": true, "debug": true}"#,
    ]
    Fuzz.run(answers.map { Array($0.utf8) }) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      if let line = ExecStart(property: text) { _ = DaemonArguments(line.words) }
      _ = DaemonConfiguration(text)
    }
  }

  @Test("What a proxy of ours has loaded, and its file")
  func fuzzedProxy() {
    let file = DockerFixtures.proxy(DockerFixtures.leaves).files.files.values.compactMap(\.text)
    let said = "\(String(repeating: "a", count: 64))\na \(DockerFixtures.leaf("1"))\n"
    Fuzz.run(([said] + file).map { Array($0.utf8) }) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      for loaded in [Loaded.parse(text), Loaded.parse(configuration: text)].compactMap({ $0 }) {
        #expect(loaded.hash.utf8.count == 64 && !loaded.admitted.keys.contains(""))
      }
    }
  }

  @Test("What a guest tells of nginx, and the lines of others' servers")
  func fuzzedNginx() {
    let gateway = NginxLookTests.gateway
    Fuzz.run([Array(NginxLookTests.fields.joined(separator: "\0").utf8)]) { bytes in
      guard let look = Nginx.parse(bytes, gateway, gateway.certificates) else { return }
      let claims = (look.gateway.value?.claims ?? []).map(\.text)
      #expect(claims.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 } }, "\(claims)")
    }
  }

  @Test("What a guest tells of Traefik, and its dynamic file")
  func fuzzedTraefik() throws {
    let proxy = try #require(LawExample.compile(Traefik.self).desired.proxy)
    let fixtures = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures"
    let file = try Data(contentsOf: URL(filePath: "\(fixtures)/traefik/phoenix.yml"))
    let look = "active\0enabled\0a.yml/\0ended\0-\0ended\0-\0end\0"
    Fuzz.run([Array(look.utf8), Array(file)]) { bytes in
      _ = Traefik.parse(bytes, proxy)
      let text = String(decoding: bytes, as: UTF8.self)
      if let hash = DynamicFile.hash(of: text) { #expect(hash.allSatisfy { $0.isHexDigit }) }
      let clients = DynamicFile.inputs(in: text).clients.values.flatMap { $0 }
      #expect(clients.allSatisfy { DynamicFile.isSHA1($0.sha1) })
    }
  }
}
