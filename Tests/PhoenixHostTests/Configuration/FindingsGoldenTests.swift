import PhoenixCore
import PhoenixHost
import Testing

/// Whole directories with mistakes, and all that is said of them. Read findings.txt as a user would.
@Suite struct FindingsGoldenTests {
  @Test(arguments: ["syntax", "types", "references", "duplicates", "certificates", "messy", "misplaced"])
  func everythingIsTold(name: String) throws {
    let directory = "Tests/Goldens/configuration/\(name)"
    let loaded = ConfigurationLoader.load(directory: Repository.path(directory))
    let text = FindingsText.render(loaded.findings) + FindingsText.summary(loaded.findings) + "\n"
    try Golden.expect("\(directory)/findings.txt", is: text)
  }
}
