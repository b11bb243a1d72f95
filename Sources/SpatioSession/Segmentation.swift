import SpatioWire

/// Compresses a payload as one whole and cuts the result into segments: one message each, with consecutive sequences
/// (profile section 3.2). An empty payload is one empty segment.
///
/// - Parameter segmentSize: octets of every segment but the last, 1...65,535.
public func cut(
    _ payload: [UInt8], compression: Compression, segmentSize: Int
) -> [(form: DataForm, octets: [UInt8])] {
    cut(whole: compression.compress(payload), compression: compression, segmentSize: segmentSize)
}

/// Cuts a whole that has been compressed already into segments.
func cut(whole: [UInt8], compression: Compression, segmentSize: Int) -> [(form: DataForm, octets: [UInt8])] {
    precondition(segmentSize >= 1 && segmentSize <= Int(UInt16.max), "segment_size is a u16")
    precondition(whole.count <= WireLimits.largestMessage, "no session can negotiate more")
    var segments: [(form: DataForm, octets: [UInt8])] = []
    var offset = 0
    repeat {
        let end = min(offset + segmentSize, whole.count)
        let form = DataForm(
            compression: compression, totalSize: UInt32(whole.count), segmentOffset: UInt32(offset),
            segmentSize: UInt16(end - offset), lastSegment: end == whole.count)
        segments.append((form, Array(whole[offset..<end])))
        offset = end
    } while offset < whole.count
    return segments
}
