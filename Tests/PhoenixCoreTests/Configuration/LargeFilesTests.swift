import PhoenixCore
import Testing

/// What is checked takes as long as it is large, and not longer.
@Suite struct LargeFilesTests {
  private static func load(_ count: Int, firewall: String) throws -> Duration {
    let guests = (0..<count).map { index in
      """
      "\(1000 + index)": {"name": "n\(index)", "dependencies": [\(index == 0 ? "" : "\(999 + index)")],
        "firewall": {"enabled": \(firewall), "rules": [{"type": "in", "action": "ACCEPT", "port": "80", "proto": "tcp"}]}}
      """
    }
    let text = "{\"lxc_configs\": {\(guests.joined(separator: ","))}}"
    return try ContinuousClock().measure {
      let loaded = try Texts.load([.containers: text])
      #expect(!loaded.hasErrors)
    }
  }

  @Test func findingsOfManyGuestsTakeNoLongerForEach() throws {
    let quiet = try Self.load(12_000, firewall: "true")
    let told = try Self.load(12_000, firewall: "false")
    #expect(told < quiet * 3, "\(told) with a finding for each, \(quiet) without")
  }

  @Test(.timeLimit(.minutes(1))) func manyCertificatesFindTheirDoors() throws {
    let entries = (0..<10_000).map { index in
      """
      {"common_name": "c\(index).internal.example", "cert_type": "client", "guest_id": 102,
       "cert_path": "/etc/\(index).pem", "key_path": "/etc/\(index).key", "owner": "root:root"}
      """
    }
    let inventory = try Texts.load([
      .containers: #"{"lxc_configs": {"102": {"name": "traefik", "features": ["traefik"]}}}"#,
      .certificates: "[\(entries.joined(separator: ","))]",
    ]).inventory
    #expect(inventory.certificates.count == 10_000)
    #expect(inventory.certificates.allSatisfy { inventory.doors(of: $0.commonName).isEmpty })
    #expect(inventory.doors(of: "phoenix-client").map(\.guest) == [102])
  }

  @Test func aChangedInventoryHasOtherRoles() throws {
    var inventory = try Texts.load([
      .containers: #"{"lxc_configs": {"102": {"name": "a"}, "105": {"name": "b", "features": ["traefik"]}}}"#
    ]).inventory
    #expect(inventory.reverseProxy?.id == 105)
    let before = inventory
    inventory.guests.removeLast()
    #expect(inventory.reverseProxy?.id == 102)
    #expect(before.reverseProxy?.id == 105)
    inventory.site.domain = "other.example"
    #expect(inventory.ownCertificate?.name == "phoenix-client.other.example")
  }
}
