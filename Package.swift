// swift-tools-version: 6.2
import PackageDescription

// Failpoints are places where a test can stop or kill the process. They exist only in builds
// made with PHOENIX_FAILPOINTS=1 in the environment; what `make install` builds has none.
let failpoints: [SwiftSetting] =
  Context.environment["PHOENIX_FAILPOINTS"] == nil ? [] : [.define("PHOENIX_FAILPOINTS")]

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
  ] + failpoints

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "phoenix",
  products: [
    .executable(name: "phoenixd", targets: ["phoenixd"]),
    .executable(name: "phoenix", targets: ["phoenix"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .target(name: "CLinux"),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "PhoenixCore", swiftSettings: settings),
    .target(
      name: "PhoenixHost", dependencies: ["PhoenixCore", "CLinux", "CSystemd"], swiftSettings: settings),
    .target(
      name: "PhoenixNetwork",
      dependencies: ["PhoenixCore", "CCurl", "COpenSSL", nioCore, nioPosix, nioHTTP1],
      swiftSettings: settings),
    .target(
      name: "PhoenixSystems", dependencies: ["PhoenixCore", "PhoenixHost", "PhoenixNetwork"],
      swiftSettings: settings),
    .target(
      name: "PhoenixEngine", dependencies: ["PhoenixCore", "PhoenixHost", "PhoenixNetwork"],
      swiftSettings: settings),
    .executableTarget(
      name: "phoenixd",
      dependencies: [
        "PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems", "PhoenixEngine", arguments,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "phoenix",
      dependencies: [
        "PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems", "PhoenixEngine", arguments,
      ],
      swiftSettings: settings),
    .target(
      name: "SimulationKit", dependencies: ["PhoenixCore"], path: "Tests/SimulationKit",
      swiftSettings: settings),
    .executableTarget(
      name: "phoenix-simulate", dependencies: ["SimulationKit"], path: "Tests/phoenix-simulate",
      swiftSettings: settings),
    // What `make bench` measures inside one process. Never installed.
    .executableTarget(
      name: "phoenix-benchmark",
      dependencies: [
        "PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems", "PhoenixEngine", arguments,
      ],
      path: "Benchmarks/InProcess", swiftSettings: settings),
    // What feeds broken bytes to the parsers of foreign ones.
    .target(name: "FuzzKit", path: "Tests/FuzzKit", swiftSettings: settings),
    .testTarget(name: "PhoenixCoreTests", dependencies: ["PhoenixCore"], swiftSettings: settings),
    // What the tests of PhoenixHost kill, starve and hand descriptors to. Never installed.
    .executableTarget(
      name: "host-probe", dependencies: ["PhoenixCore", "PhoenixHost"], path: "Tests/HostProbe",
      swiftSettings: settings),
    .testTarget(
      name: "PhoenixHostTests", dependencies: ["PhoenixCore", "PhoenixHost", "host-probe"],
      swiftSettings: settings),
    .testTarget(
      name: "PhoenixNetworkTests", dependencies: ["PhoenixCore", "PhoenixHost", "PhoenixNetwork", "FuzzKit"],
      exclude: ["Fixtures"], swiftSettings: settings),
    // A pass over one certificate, which the tests of PhoenixSystems kill. Never installed.
    .executableTarget(
      name: "certificate-probe",
      dependencies: ["PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems"],
      path: "Tests/CertificateProbe", swiftSettings: settings),
    // The same for the gateway.
    .executableTarget(
      name: "gateway-probe",
      dependencies: ["PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems"],
      path: "Tests/GatewayProbe", swiftSettings: settings),
    .testTarget(
      name: "PhoenixSystemsTests",
      dependencies: [
        "PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems", "certificate-probe",
        "gateway-probe", "FuzzKit",
      ],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "PhoenixEngineTests",
      dependencies: [
        "PhoenixCore", "PhoenixHost", "PhoenixNetwork", "PhoenixSystems", "PhoenixEngine", "SimulationKit",
      ],
      exclude: ["Goldens"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
