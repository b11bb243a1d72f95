import Foundation
import Glibc
import Testing

@testable import Capture

/// What runs have left that were cut off.
@Suite struct SpoolShelfTests {
    private func contents(_ spool: RecoveredSpool) throws -> [Contents] {
        try spool.sources.enumerated().map { place, source in
            Contents(of: try CaptureFile(again: source.store, name: source.name, index: UInt8(place)))
        }
    }

    @Test func `What a killed run has left is found with what it was of, and opens whole`() throws {
        let shelf = try Shelf()
        try shelf.leave(500, limit: 256 << 10, sources: ["lo", "ann's box:7728"])
        let left = shelf.shelf.left()
        #expect(left.count == 1)
        #expect(left.first?.sources == ["ann's box:7728", "lo"])
        #expect(left.first?.ended == 1_793_000_000)
        let spool = try shelf.shelf.open(try #require(left.first))
        #expect(spool.sources.map(\.name) == ["ann's box:7728", "lo"])
        #expect(spool.torn == 0)
        #expect(spool.octets == 500 * 132)
        let found = try contents(spool)
        #expect(found.allSatisfy { $0.error == nil })
        #expect(found[0].packets.map(\.time) == stride(from: 1, to: 500, by: 2).map(Int64.init))
        #expect(found[1].packets.map(\.time) == stride(from: 0, to: 500, by: 2).map(Int64.init))
        #expect(found.flatMap(\.packets).allSatisfy { $0.octets == pattern(100, from: Int($0.time)) })
    }

    @Test func `Cut at every octet of its last block it opens with all packets before`() throws {
        let shelf = try Shelf()
        try shelf.leave(40, limit: 32 << 10)
        let files = shelf.files(of: shelf.names[0])
        #expect(files.count > 1)
        let last = try #require(files.last)
        let whole = Octets(try Data(contentsOf: URL(fileURLWithPath: last)))
        for missing in 0...132 {
            truncate(last, off_t(whole.count - missing))
            let spool = try shelf.shelf.open(try #require(shelf.shelf.left().first))
            let found = try contents(spool)
            #expect(found.map(\.error) == [nil])
            #expect(found.first?.packets.map(\.time) == Array(0..<(missing == 0 ? 40 : 39)))
            #expect(spool.torn == UInt64(missing == 0 ? 0 : 132 - missing))
        }
    }

    @Test func `Cut at every octet of a file's beginning it opens without that file`() throws {
        let shelf = try Shelf()
        try shelf.leave(33, limit: 32 << 10)
        let last = try #require(shelf.files(of: shelf.names[0]).last)
        let size = try Data(contentsOf: URL(fileURLWithPath: last)).count
        for length in (0...size).reversed() {
            truncate(last, off_t(length))
            let spool = try shelf.shelf.open(try #require(shelf.shelf.left().first))
            let found = try contents(spool)
            #expect(found.map(\.error) == [nil])
            #expect(found.first?.packets.count == (length == size ? 33 : 32))
        }
    }

    @Test func `A hole in the middle, as a crash of the machine makes one, takes only what is behind it in its file`()
        throws
    {
        let shelf = try Shelf()
        try shelf.leave(60, limit: 32 << 10)
        let files = shelf.files(of: shelf.names[0])
        let counts = try files.map { try Contents(of: CaptureFile(path: $0)).packets.count }
        // Its size is right, and its last block is zeros.
        var octets = Octets(try Data(contentsOf: URL(fileURLWithPath: files[0])))
        octets.replaceSubrange((octets.count - 50)..., with: repeatElement(0, count: 50))
        try Data(octets).write(to: URL(fileURLWithPath: files[0]))
        let spool = try shelf.shelf.open(try #require(shelf.shelf.left().first))
        let found = try contents(spool)
        #expect(found.map(\.error) == [nil])
        #expect(found.first?.packets.count == counts.reduce(0, +) - 1)
        #expect(spool.torn == 132)
    }

    @Test func `What goes on is not offered, and neither opened nor removed by others`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder())
        let feed = try Feed(spool)
        try feed.pass(0)
        let path = "\(shelf.path)/\(shelf.names[0])"
        #expect(shelf.shelf.left(SpoolShelf.Bounds(count: 0, octets: 0)) == [])
        let claimed = LeftSpool(path: path, ended: 0, octets: 0, sources: [], files: 1)
        let reason = CaptureError(file: path, reason: "is open elsewhere")
        #expect(throws: reason) { try shelf.shelf.delete(claimed) }
        #expect(throws: reason) { _ = try shelf.shelf.open(claimed) }
        #expect(shelf.files(of: shelf.names[0]).count == 1)
    }

    @Test func `While somebody looks at it nobody else removes it; after that anybody may`() throws {
        let shelf = try Shelf()
        try shelf.leave(3)
        let left = try #require(shelf.shelf.left().first)
        do {
            let spool = try shelf.shelf.open(left)
            #expect(shelf.shelf.left() == [])
            #expect(throws: CaptureError.self) { try shelf.shelf.delete(left) }
            #expect(spool.octets == 3 * 132)
        }
        #expect(shelf.shelf.left() == [left])
        try shelf.shelf.delete(left)
        #expect(shelf.names == [])
    }

    @Test func `The newest are kept, as many as the bounds allow, and the newest of all in any case`() throws {
        let shelf = try Shelf()
        for number in 0..<5 { try shelf.leave(10, at: 1_793_000_000 + Int64(number)) }
        let ends = { (left: [LeftSpool]) in left.map { $0.ended - 1_793_000_000 } }
        #expect(ends(shelf.shelf.left()) == [4, 3, 2, 1, 0])
        #expect(ends(shelf.shelf.left(SpoolShelf.Bounds(count: 4, octets: .max))) == [4, 3, 2, 1])
        #expect(shelf.names.count == 4)
        #expect(ends(shelf.shelf.left(SpoolShelf.Bounds(count: 9, octets: 2 * 1_500))) == [4, 3])
        #expect(ends(shelf.shelf.left(SpoolShelf.Bounds(count: 9, octets: 1))) == [4])
        #expect(shelf.names.count == 1)
    }

    @Test func `A run that was killed before anything came leaves nothing to offer`() throws {
        let shelf = try Shelf()
        do { _ = try Feed(Spool(in: try shelf.folder())) }
        #expect(shelf.names.count == 1)
        #expect(shelf.shelf.left() == [])
        #expect(shelf.names == [])
    }

    @Test func `What is not of a spool is left alone`() throws {
        let shelf = try Shelf()
        try shelf.leave(3)
        let run = shelf.names[0]
        try FileManager.default.createDirectory(atPath: "\(shelf.path)/own/things", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: "\(shelf.path)/notes", contents: Data([1]))
        #expect(shelf.shelf.left().map(\.path) == ["\(shelf.path)/\(run)"])
        #expect(shelf.names == [run, "notes", "own"])
    }
}
