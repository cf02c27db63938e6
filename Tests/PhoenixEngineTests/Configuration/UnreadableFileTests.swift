import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems
import Testing

/// Nothing is told of what may stand in a file that cannot be read or understood.
@Suite struct UnreadableFileTests {
  /// What stands in the place of a file.
  enum Flaw: String, CaseIterable, CustomTestStringConvertible {
    case broken = "{"
    case empty = ""
    case text = "\"nothing\""
    case number = "7"
    /// The right kind, with a collection that is none.
    case collection

    var testDescription: String { self == .collection ? "collection" : "'\(rawValue)'" }

    func content(of part: ConfigurationPart) -> String? {
      guard self == .collection else { return rawValue }
      return switch part {
      case .containers: #"{"lxc_configs": [1]}"#
      case .machines: #"{"vms": {"1001": {}}}"#
      case .stacks: #"{"docker_stacks": ["echo"]}"#
      case .hypervisor: #"["domain_name"]"#
      case .certificates: #"{"nginx": {}}"#
      case .daemon: "[]"
      }
    }
  }

  private let directory = TemporaryDirectory()

  init() {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    system("cp -r \(root)/etc/phoenix/. \(directory.path)")
  }

  /// What is told, by severity, place and words.
  private func findings() -> Set<Finding> {
    let loaded = ConfigurationLoader.load(directory: directory.path)
    let environment = SystemEnvironment(
      http: HTTPClient(), credentials: Credentials(directory: directory.path),
      configurationDirectory: directory.path, stateDirectory: directory.path,
      runtimeDirectory: directory.path, stateWrites: WriteCounter())
    let drivers = AllSystems.drivers(settings: loaded.inventory.settings, environment: environment)
    return Set(EngineConfiguration(loaded, drivers: drivers).kernel.findings)
  }

  @Test(arguments: ConfigurationPart.allCases, Flaw.allCases)
  func onlyThatFileIsTold(part: ConfigurationPart, flaw: Flaw) throws {
    let before = findings()
    let content = try #require(flaw.content(of: part))
    try AtomicFile.write(Array(content.utf8), to: directory.file(part.fileName))
    let new = findings().subtracting(before)
    #expect(new.contains { $0.severity == .error && $0.location?.file == part.fileName })
    let invented = new.filter { $0.location?.file != part.fileName }
    #expect(invented.isEmpty, "\(FindingsText.render(Array(invented)))")
  }

  /// The file that says where the others are.
  @Test func whereOthersAreIsNotKnownWithoutTheFileThatSaysIt() throws {
    try AtomicFile.write(Array("{".utf8), to: directory.file("phoenix_hypervisor_config.json"))
    for part in ConfigurationPart.allCases where part != .hypervisor { unlink(directory.file(part.fileName)) }
    let told = findings()
    #expect(
      Set(told.map(\.location?.file)) == ["phoenix_hypervisor_config.json"],
      "\(FindingsText.render(Array(told)))")
  }
}
