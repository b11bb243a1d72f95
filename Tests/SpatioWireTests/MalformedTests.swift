import SpatioWire
import Testing

@Suite("A malformed datagram")
struct MalformedTests {
    /// Where each of them goes wrong, counted by hand from the first octet of the message at fault: the header has 20
    /// octets; the least address begins at 20 and the payload's length stands behind it at 81; without an address the
    /// length stands at 20 and the payload begins at 21.
    static let offsets: [String: Int] = [
        // Counts from the left-over octet itself.
        "empty-tail": 0,
        // A read past the end is reported at the end ...
        "truncated-header": 19,
        "truncated-at-20": 20,
        // ... a length that does not fit at the length.
        "truncated-at-22": 20,
        "truncated-at-41": 20,
        "truncated-at-45": 45,
        "version-0": 0,
        "version-2": 0,
        "reserved-flag": 2,
        "checksum-wrong": 42,
        "payload-length-past-end": 20,
        // ping_id 21, count of streams 25
        "payload-octets-left-over": 26,
        "count-past-end": 25,
        // space_id 21, version 37, timestamp 45, delta 53, count of entries 54
        "count-huge": 54,
        "bool-2": 53,
        // category 21, code 22, length 23, text 24
        "string-not-utf8": 24,
        // count 82, entity_id 83, kind 99, x 101, y 109
        "position-nan": 109,
        "position-infinite": 109,
        // version 20, space_id 21, type 37, parameters 38, position 39, no orientation 63, precision 64, confidence 68
        "confidence-over-1": 68,
        "precision-negative": 64,
        // ping_id 21, ping_timestamp 25, hold_time 33, window_size 37, rate_limit 41, congestion_threshold 45
        "congestion-threshold-over-1": 45,
        // The flags that lack the bit.
        "update-without-address": 2,
        "coordinate-system-4": 37,
        // base_version 21, space_id 29, version 45, timestamp 53, delta 61
        "delta-update-not-delta": 61,
        // count of entries 54, change 55, entity_id 56, version 72, count of fields 80, key 81, tag 83
        "value-tag-10": 83,
        // subscription_id 21, tag 25
        "volume-tag-3": 25,
        // query_id 21, type 25, length 26, center 27, radius 51, left over 59
        "query-parameters-too-long": 59,
        // The parameters end behind the center.
        "query-parameters-too-short": 51,
        "truncated-before-data-form": 20,
        // compression 20, total_size 21, segment_offset 25, segment_size 29
        "segment-size-not-payload-length": 29,
        "compression-3": 20,
        // extension_id 21, version 23, flags 24, length 25
        "extension-length-past-end": 25,
        // group_id 20, type 36, length 37, left over 38
        "flood-with-parameters": 38,
        "second-message-bad": 0,
        // The data form takes 20 to 31, the payload's length 32.
        "decompression-bomb": 33,
        // uncompressed_size 33, the block 35
        "lz4-garbage": 35,
    ]

    @Test("is refused with its reason and its place", arguments: Vectors.all.malformed)
    func refusal(of vector: Vectors.Malformed) throws {
        let offset = try #require(Self.offsets[vector.name])
        let error = #expect(throws: DecodeError.self) { try decodeDatagram(vector.datagram.octets) }
        #expect(error?.reason.rawValue == vector.reason)
        #expect(error?.offset == offset)
    }

    @Test("is dissected up to its fault, with the same reason and place", arguments: Vectors.all.malformed)
    func dissection(of vector: Vectors.Malformed) throws {
        let (maps, error) = dissectDatagram(vector.datagram.octets)
        #expect(error?.reason.rawValue == vector.reason)
        #expect(error?.offset == Self.offsets[vector.name])
        for map in maps.dropLast() { #expect(map.error == nil) }
        let last = try #require(maps.last)
        if let offset = error?.offset, offset >= WireLimits.headerSize {
            #expect(try JSON(last).keys.isSuperset(of: ["type", "flags", "stream_id", "sequence", "timestamp"]))
        }
    }

    @Test("says in words what is wrong")
    func words() {
        let error = DecodeError(.segmentSize, at: 29, "segment_size 6, payload of 5 octets")
        #expect(error.description == "segment_size at octet 29: segment_size 6, payload of 5 octets")
        #expect(DecodeError(.checksum, at: 42).description == "checksum at octet 42")
    }
}
