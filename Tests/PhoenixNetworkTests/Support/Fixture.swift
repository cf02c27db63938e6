/// Files of the tests' own.
enum Fixture {
  /// The path of one, by its name in Fixtures.
  static func path(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
    return "\(folder)/Fixtures/\(name)"
  }
}
