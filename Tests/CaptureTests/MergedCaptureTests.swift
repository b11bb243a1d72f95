import Capture
import Testing

@Suite struct MergedCaptureTests {
    /// A capture with one packet of one octet at each of these seconds.
    private func file(_ seconds: [Int], cut: Int = 0) throws -> TemporaryFile {
        let octets = Pcap.file(seconds.map { Record(seconds: $0, octets: [UInt8($0)]) })
        return try TemporaryFile(Octets(octets.dropLast(cut)))
    }

    private func merge(_ files: [TemporaryFile]) throws -> (packets: [Seen], errors: [CaptureError]) {
        var merged = MergedCapture(
            files: try files.enumerated().map { try CaptureFile(path: $1.path, index: UInt8($0)) })
        var packets: [Seen] = []
        var errors: [CaptureError] = []
        while true {
            do throws(CaptureError) {
                guard let packet = try merged.next() else { return (packets, errors) }
                packets.append(Seen(packet))
            } catch {
                errors.append(error)
            }
        }
    }

    @Test func `Packets of several files come in the order of time, of equal ones in the order of files`() throws {
        let merged = try merge([file([1, 4, 4, 9]), file([2, 4, 10]), file([]), file([0, 3, 5, 6, 7])])
        #expect(merged.packets.map { $0.octets } == [[0], [1], [2], [3], [4], [4], [4], [5], [6], [7], [9], [10]])
        #expect(merged.packets.map { $0.file } == [3, 0, 1, 3, 0, 0, 1, 3, 3, 3, 0, 1])
        #expect(merged.errors.isEmpty)
    }

    @Test func `An error in one file is thrown once and the others go on`() throws {
        let merged = try merge([file([1, 4, 7], cut: 1), file([2, 5, 8], cut: 1), file([3, 6, 9])])
        #expect(merged.packets.map { $0.octets } == [[1], [2], [3], [4], [5], [6], [9]])
        #expect(merged.errors.count == 2)
    }

    @Test func `One file comes in its own order, even if its clock runs backwards`() throws {
        #expect(try merge([file([5, 3, 4])]).packets.map { $0.octets } == [[5], [3], [4]])
    }

    @Test func `No file gives no packet`() throws {
        #expect(try merge([]).packets.isEmpty)
    }
}
