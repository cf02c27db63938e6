import Testing

@testable import PhoenixSystems

/// What is written in one way only is compared as text. The short ways there give what the whole one gives.
@Suite("The one way of writing a rule")
struct CanonicalRuleTests {
  @Test(
    "Addresses",
    arguments: [
      ("10.0.0.5", "10.0.0.5"), ("10.0.0.5/32", "10.0.0.5"), ("10.0.0.5/24", "10.0.0.0/24"),
      ("fd00::0001", "fd00::1"), ("fd00::1/64", "fd00::/64"),
      ("10.0.1.7, 10.0.0.0/24", "10.0.0.0/24,10.0.1.7"),
      ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"), ("+nodes", "+nodes"), ("dc/nas", "dc/nas"),
      ("10.0.0.256", "10.0.0.256"), ("", ""),
    ])
  func addresses(text: String, canonical: String) {
    #expect(AddressSet.canonical(text) == canonical)
    #expect(AddressSet(text).canonical == canonical)
  }

  @Test(
    "Ports",
    arguments: [
      ("22", "22"), ("443,80", "80,443"), ("8000:8010", "8000:8010"), ("ssh", "22"),
      ("gopher-of-mine", "gopher-of-mine"), ("99999", "99999"),
      ("", ""),
    ])
  func ports(text: String, canonical: String) {
    #expect(PortSet.canonical(text) == canonical)
    #expect(PortSet(text).canonical == canonical)
  }

  @Test("A number with zeros before it is the number")
  func zeros() { #expect(PortSet.canonical("080") == PortSet("080").canonical) }

  @Test(
    "Comments",
    arguments: [
      ("Docker API", "Docker API"), (" a  b\t c\nd ", "a b c d"), ("für alle", "für alle"),
      ("a\u{1}b", "a\u{1}b"),
      (" ", nil), ("", nil), ("a ", "a"),
    ] as [(String, String?)])
  func comments(text: String, canonical: String?) { #expect(Proxmox.Rule.comment(text) == canonical) }
}
