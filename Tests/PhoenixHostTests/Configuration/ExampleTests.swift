import PhoenixCore
import PhoenixHost
import Testing

/// etc/phoenix is what people copy: it must be right, and every schema must come from the table.
@Suite struct ExampleTests {
  @Test func theExampleHasNoFindings() {
    let example = ConfigurationLoader.load(directory: Repository.path("etc/phoenix"))
    #expect(FindingsText.render(example.findings) == "")
    #expect(example.inventory.guests.map(\.id) == [101, 102, 103, 900, 1001, 1002, 9000])
  }

  @Test(arguments: ConfigurationSchemas.all.map(\.name))
  func schemasAreThoseOfTheTable(name: String) throws {
    let text = ConfigurationSchemas.all.first { $0.name == name }?.text
    try Golden.expect("etc/schema/\(name)", is: try #require(text))
  }
}
