public import PhoenixCore

/// Reads the users' files from a directory.
///
/// It blocks on the file system: call it from a queue of your own, never from the cooperative pool.
public enum ConfigurationLoader {
  /// Further directories below `stacks` are not looked into.
  static let stackLimit = 1000
  /// Whole files are kept in memory; all of a configuration's together may not be larger: 64 MiB.
  static let totalLimit = 64 << 20

  /// Reads, checks and decodes the files. Whatever is wrong is a finding; it never fails and never blocks on
  /// something that is no file.
  ///
  /// - Parameter directory: Where the files are, such as /etc/phoenix.
  /// - Returns: What could be read, with all findings. `hasErrors` says whether to use it.
  public static func load(directory: String) -> LoadedConfiguration {
    var reading = ConfigurationReading(directory: directory)
    guard reading.checkDirectory() else {
      return LoadedConfiguration(reading.nodes, readingFindings: reading.findings)
    }
    // core_paths of the hypervisor's file says where others are.
    reading.read(.hypervisor)
    for part in ConfigurationPart.allCases where part != .hypervisor { reading.read(part) }
    reading.readStacks()
    let loaded = LoadedConfiguration(reading.nodes, readingFindings: reading.findings)
    return loaded.adding(reading.missingComposeFiles(of: loaded.inventory.stacks))
  }
}
