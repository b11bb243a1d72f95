/// A capture file of which nothing has been read: whoever opens it may give up the right to before it is.
package struct OpenedFile {
    let source: FileSource

    /// The path as it was given, or "standard input".
    package var name: String { source.name }

    /// - Parameter path: a path, or `-` for standard input.
    package init(_ path: String) throws(CaptureError) { source = try FileSource(path: path) }

    /// Compares its first four octets with those of captures and of compressions, and looks at nothing else.
    ///
    /// - Throws: where it is none.
    package func recognize() throws(CaptureError) {
        let start = try source.peek(4)
        guard start.count == 4, Self.isCapture(start) || DecompressedSource.recognises(start) else {
            throw CaptureError(file: name, reason: "not a capture")
        }
    }

    private static func isCapture(_ start: [UInt8]) -> Bool {
        start.withUnsafeBytes { octets in
            guard let start = octets.baseAddress else { return false }
            return PcapFormat.recognises(start) || start.big32(0) == PcapngFormat.sectionHeaderType
        }
    }
}
