import Foundation
import Glibc
import Testing

@testable import Capture

/// A folder for spools, gone when the test ends.
final class Shelf {
    let shelf: SpoolShelf
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("shelf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        shelf = SpoolShelf(path: folder.path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var path: String { shelf.path }
    var names: [String] { SpoolFolder.names(in: path) }

    func folder(at time: Int64 = 1_793_000_000) throws -> SpoolFolder { try SpoolFolder(in: shelf, at: time) }

    /// What a run leaves that was killed.
    func leave(
        _ packets: Int, size: Int = 100, at time: Int64 = 1_793_000_000, limit: UInt64 = Spool.usualLimit,
        sources: [String] = ["lo"]
    ) throws {
        let spool = Spool(in: try folder(at: time), limit: limit)
        let feeds = try sources.map { try Feed(spool, $0) }
        for number in 0..<packets { try feeds[number % feeds.count].pass(number, size: size) }
        for file in files(of: SpoolFolder.names(in: path).last ?? "") {
            var times = [timespec(tv_sec: Int(time), tv_nsec: 0), timespec(tv_sec: Int(time), tv_nsec: 0)]
            utimensat(AT_FDCWD, file, &times, 0)
        }
    }

    /// The files of a run, by their paths.
    func files(of run: String) -> [String] { SpoolFolder.names(in: "\(path)/\(run)").map { "\(path)/\(run)/\($0)" } }
}

/// A live capture that keeps what comes in a spool, and is read at once. Packet `n` is `pattern(size, from: n)`, at time n.
final class Feed {
    let capture: LiveCapture
    let file: CaptureFile
    private(set) var positions: [UInt64] = []

    init(_ spool: Spool?, _ name: String = "lo") throws {
        capture = LiveCapture(name: name, linkType: .ethernet)
        file = try CaptureFile(live: capture, spool: spool)
    }

    func push(_ number: Int, size: Int = 100) {
        _ = pattern(size, from: number).withUnsafeBytes { capture.push($0, time: Int64(number)) }
    }

    /// A packet comes, and is read.
    func pass(_ number: Int, size: Int = 100) throws {
        push(number, size: size)
        positions.append(try #require(try file.next()).position)
    }
}
