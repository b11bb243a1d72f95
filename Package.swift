// swift-tools-version: 6.2

import PackageDescription

/// The same strictness everywhere: language mode 6, and no warning survives.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// Data goes one way: packets, messages, meaning, cells. A target imports only targets above it.
let package = Package(
    name: "spatioscope",
    products: [
        .executable(name: "spatioscope", targets: ["spatioscope"]),
        // For other programs: the octets, the two ends of a session, a server of spaces, and sockets for them
        .library(name: "SpatioWire", targets: ["SpatioWire"]),
        .library(name: "SpatioSession", targets: ["SpatioSession"]),
        .library(name: "SpatioServer", targets: ["SpatioServer"]),
        .library(name: "SpatioNetwork", targets: ["SpatioNetwork"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // The system
        .systemLibrary(name: "CNcurses"),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCRC32C"),
        .systemLibrary(name: "CPrivileges"),

        // Packets and messages
        .target(name: "SpatioWire", dependencies: ["CLZ4", "CZstd", "CCRC32C"], swiftSettings: strict),
        .target(
            name: "SpatioSession",
            dependencies: [
                "SpatioWire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: strict),
        .target(
            name: "SpatioServer",
            dependencies: [
                "SpatioSession", "SpatioWire", .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: strict),
        .target(
            name: "SpatioNetwork",
            dependencies: [
                "SpatioServer", "SpatioSession", "SpatioWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(name: "Capture", dependencies: ["CPcap", "CLZ4", "CZstd", "CZlib"], swiftSettings: strict),

        // Meaning
        .target(
            name: "Inspection",
            dependencies: [
                "SpatioWire", "SpatioSession", "Capture",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], swiftSettings: strict),
        .target(
            name: "Simulation", dependencies: ["SpatioServer", "SpatioSession", "SpatioWire", "Capture"],
            swiftSettings: strict),

        // Cells
        .target(name: "Screen", swiftSettings: strict),
        .target(name: "Panes", dependencies: ["Screen", "Inspection", "SpatioWire", "Capture"], swiftSettings: strict),
        .target(name: "Terminal", dependencies: ["Screen", "CNcurses"], swiftSettings: strict),

        // What users settle, and what the program remembers for them
        .target(
            name: "Settings",
            dependencies: [
                "Panes", "Screen", "Inspection", "SpatioServer", "SpatioSession", "SpatioWire",
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            resources: [.embedInCode("Themes")], swiftSettings: strict),

        .executableTarget(
            name: "spatioscope",
            dependencies: [
                "Settings", "Panes", "Terminal", "Screen", "Inspection", "Simulation", "Capture", "SpatioNetwork",
                "SpatioServer", "SpatioSession", "SpatioWire", "CPrivileges",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),

        // What the design promises, measured
        .executableTarget(
            name: "SpatioscopeBench",
            dependencies: [
                "Panes", "Terminal", "Screen", "Inspection", "Simulation", "Capture", "SpatioNetwork", "SpatioServer",
                "SpatioSession", "SpatioWire", "CPcap",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),

        // The demo under a clock that only a test moves
        .target(
            name: "TestSupport", dependencies: ["Simulation", "SpatioServer", "SpatioSession", "SpatioWire"],
            path: "Tests/TestSupport", swiftSettings: strict),

        .testTarget(
            name: "SpatioWireTests", dependencies: ["SpatioWire"], resources: [.copy("Vectors")],
            swiftSettings: strict),
        .testTarget(name: "SpatioSessionTests", dependencies: ["SpatioSession", "SpatioWire"], swiftSettings: strict),
        .testTarget(
            name: "SpatioServerTests", dependencies: ["SpatioServer", "SpatioSession", "SpatioWire"],
            swiftSettings: strict),
        .testTarget(
            name: "SpatioNetworkTests",
            dependencies: [
                "SpatioNetwork", "SpatioServer", "SpatioSession", "SpatioWire",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "CaptureTests", dependencies: ["Capture", "CLZ4", "CZlib", "CZstd"], swiftSettings: strict),
        .testTarget(
            name: "InspectionTests",
            dependencies: ["Inspection", "Simulation", "Capture", "SpatioSession", "SpatioWire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Simulation", "Capture", "SpatioServer", "SpatioSession", "SpatioWire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "ScreenTests", dependencies: ["Screen"], swiftSettings: strict),
        .testTarget(
            name: "PanesTests",
            dependencies: ["Panes", "Screen", "Inspection", "Simulation", "Capture", "SpatioWire"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "Settings", "Panes", "Screen", "Inspection", "SpatioServer", "SpatioSession", "SpatioWire",
            ],
            swiftSettings: strict),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Screen"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["spatioscope", "Capture", "SpatioWire"], swiftSettings: strict),
    ]
)
