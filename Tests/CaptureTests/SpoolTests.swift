import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Capture

/// What is kept of a live capture.
@Suite struct SpoolTests {
    @Test func `Each file is a capture by itself, and together they hold everything in order`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder(), limit: 64 << 10)
        let feed = try Feed(spool, "lo")
        for number in 0..<300 { try feed.pass(number, size: number % 90) }
        let files = shelf.files(of: shelf.names[0])
        #expect(files.count > 3)
        #expect(files[0].hasSuffix("/lo-00001.pcapng"))
        var times: [Int64] = []
        for path in files {
            let file = try CaptureFile(path: path)
            let contents = Contents(of: file)
            #expect(contents.error == nil)
            #expect(contents.packets.allSatisfy { $0.octets == pattern(Int($0.time) % 90, from: Int($0.time)) })
            #expect(file.interfaceNames == ["lo"])
            times += contents.packets.map(\.time)
        }
        #expect(times == (0..<300).map(Int64.init))
        #expect(spool.figures.removedPackets == 0)
    }

    @Test func `The oldest part makes room, and what went is counted`() throws {
        let shelf = try Shelf()
        let limit: UInt64 = 32 << 10
        let spool = Spool(in: try shelf.folder(), limit: limit)
        let feed = try Feed(spool)
        for number in 0..<2_000 { try feed.pass(number) }
        let files = shelf.files(of: shelf.names[0])
        let kept = try files.flatMap { Contents(of: try CaptureFile(path: $0)).packets.map(\.time) }
        let size = try files.reduce(0) { $0 + UInt64(try Data(contentsOf: URL(fileURLWithPath: $1)).count) }
        #expect(kept == Array((2_000 - Int64(kept.count))..<2_000))
        #expect(spool.figures.removedPackets == UInt64(2_000 - kept.count))
        #expect(spool.figures.removedOctets == UInt64(2_000 - kept.count) * 132)
        #expect(spool.figures.octets == size)
        #expect(size <= limit && size > limit * 3 / 4)
    }

    @Test func `Octets are found by their position across files; what has made room is not there`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder(), limit: 32 << 10)
        let feed = try Feed(spool)
        let store = feed.file.store
        for number in 0..<100 { try feed.pass(number) }
        #expect(store.firstPosition == 0)
        for (number, position) in feed.positions.enumerated() {
            #expect(store.read(at: position, count: 100) == pattern(100, from: number))
        }
        // One read over several files: each packet is where the positions say.
        let first = feed.positions[0]
        let all = try #require(store.read(at: first, count: Int(feed.positions[99] - first) + 100))
        for (number, position) in feed.positions.enumerated() {
            #expect(Array(all[Int(position - first)...].prefix(100)) == pattern(100, from: number))
        }
        for number in 100..<1_000 { try feed.pass(number) }
        let kept = store.firstPosition
        #expect(kept > feed.positions[700] && kept < feed.positions[800])
        for (number, position) in feed.positions.enumerated() {
            let octets = store.read(at: position, count: 100)
            #expect(octets == (position < kept ? nil : pattern(100, from: number)))
        }
    }

    @Test func `What is read again begins where what is kept does, with the same positions`() throws {
        let spool = Spool(limit: 32 << 10)
        let feed = try Feed(spool)
        for number in 0..<1_000 { try feed.pass(number) }
        let pinned = feed.file.store.pinned
        // What goes on does not take away what somebody has.
        for number in 1_000..<3_000 { try feed.pass(number) }
        let file = try CaptureFile(again: pinned, name: "lo", index: 7)
        let contents = Contents(of: file)
        #expect(contents.error == nil)
        #expect(file.interfaceNames == ["lo"])
        let first = Int(try #require(contents.packets.first).time)
        #expect(contents.packets.map(\.time) == Array(Int64(first)..<1_000))
        #expect(contents.packets.map(\.position) == Array(feed.positions[first..<1_000]))
        #expect(contents.packets.allSatisfy { $0.octets == pattern(100, from: Int($0.time)) && $0.file == 7 })
    }

    @Test func `Others read while it is written, and see either the right octets or none`() throws {
        let spool = Spool(limit: 48 << 10)
        let feed = try Feed(spool)
        try feed.pass(0)
        let store = feed.file.store
        let first = feed.positions[0]
        let count = 20_000
        let wrong = Atomic<Int>(0)
        let found = Atomic<Int>(0)
        let readers = DispatchGroup()
        for reader in 0..<2 {
            DispatchQueue(label: "reader \(reader)").async(group: readers) {
                var number = reader
                // Packets have one length, so that positions can be told beforehand.
                while number < count {
                    let position = first + UInt64(number) * 132
                    if let octets = store.read(at: position, count: 100) {
                        let isRight = octets == pattern(100, from: number)
                        if isRight { found.add(1, ordering: .relaxed) } else { wrong.add(1, ordering: .relaxed) }
                        number += 2
                    } else if position < store.firstPosition {
                        number += 20
                    }
                }
            }
        }
        for number in 1..<count { try feed.pass(number) }
        readers.wait()
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(found.load(ordering: .relaxed) > 0)
    }

    @Test func `What has come is kept although nobody reads it, and can be read after that`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder(), limit: 256 << 10)
        let capture = LiveCapture(name: "lo", linkType: .ethernet)
        let source = LiveSource(capture, spool.add("lo", header: capture.header))
        var pushed = 0
        func push(_ count: Int) {
            for number in pushed..<pushed + count {
                _ = pattern(100, from: number).withUnsafeBytes { capture.push($0, time: Int64(number)) }
            }
            pushed += count
        }
        func kept() throws -> Int {
            try shelf.files(of: shelf.names[0]).reduce(0) { try $0 + Contents(of: CaptureFile(path: $1)).packets.count }
        }
        for round in 1...3 {
            push(10)
            source.keepUp()
            #expect(try kept() == round * 10)
        }
        // The reader has been away for a long time: what it has not read is not removed.
        for _ in 0..<400 {
            push(10)
            source.keepUp()
        }
        #expect(try kept() * 132 < 96 << 10)
        #expect(spool.figures.removedPackets == 0)
        var octets = Octets(repeating: 0, count: capture.header.count + 132 * pushed)
        var done = 0
        while done < octets.count {
            done += try octets.withUnsafeMutableBytes { try source.read(into: .init(rebasing: $0[done...])) }
        }
        #expect(capture.dropped == 0)
        let contents = try Contents(of: octets)
        #expect(contents.packets.map(\.octets) == (0..<pushed).map { pattern(100, from: $0) })
    }

    @Test func `Only the owner may look into it`() throws {
        let shelf = try Shelf()
        let old = umask(0)
        defer { umask(old) }
        let spool = Spool(in: try shelf.folder())
        let feed = try Feed(spool, "../ann's box:7728")
        try feed.pass(0)
        let folder = "\(shelf.path)/\(shelf.names[0])"
        let path = try #require(shelf.files(of: shelf.names[0]).first)
        #expect(path == "\(folder)/_.._ann_s_box_7728-00001.pcapng")
        var status = stat()
        #expect(stat(folder, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `Two sources of one name have files of their own`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder())
        try Feed(spool, "lo").pass(0)
        try Feed(spool, "lo").pass(1)
        #expect(SpoolFolder.names(in: "\(shelf.path)/\(shelf.names[0])") == ["lo-00001.pcapng", "lo_2-00001.pcapng"])
    }

    @Test func `A run that ends leaves nothing, and takes nothing more`() throws {
        let shelf = try Shelf()
        let spool = Spool(in: try shelf.folder(), limit: 32 << 10)
        let feed = try Feed(spool)
        for number in 0..<500 { try feed.pass(number) }
        spool.remove()
        #expect(shelf.names == [])
        for number in 500..<1_000 { try feed.pass(number) }
        #expect(shelf.names == [])
    }

    @Test(.enabled(if: geteuid() == 0, "nobody may mount a small file system here: this takes root"))
    func `On a full disk what was kept stays, what comes is still read, and one problem is told`() throws {
        let shelf = try Shelf()
        guard mount("tmpfs", shelf.path, "tmpfs", 0, "size=200k") == 0 else {
            try Test.cancel("no file system can be mounted here")
        }
        defer { umount2(shelf.path, Int32(MNT_DETACH)) }
        let spool = Spool(in: try shelf.folder())
        let feed = try Feed(spool)
        for number in 0..<3_000 { try feed.pass(number) }
        let reason = "the spool: nothing more of what comes is kept: No space left on device"
        #expect(spool.figures.failure?.description == reason)
        let contents = Contents(of: try CaptureFile(path: shelf.files(of: shelf.names[0])[0]))
        #expect(contents.error == nil)
        let kept = contents.packets.count
        #expect(kept > 1_000 && kept < 2_000)
        #expect(contents.packets.map(\.octets) == (0..<kept).map { pattern(100, from: $0) })
        for (number, position) in feed.positions.enumerated() {
            #expect(
                feed.file.store.read(at: position, count: 100) == (number < kept ? pattern(100, from: number) : nil))
        }
    }
}
