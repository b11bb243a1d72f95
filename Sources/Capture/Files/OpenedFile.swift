/// A capture file of which nothing has been read: whoever opens it may give up the right to before its first octet is
/// looked at.
package struct OpenedFile {
    let source: FileSource

    /// The path as it was given, or "standard input".
    package var name: String { source.name }

    /// - Parameter path: a path, or `-` for standard input.
    package init(_ path: String) throws(CaptureError) { source = try FileSource(path: path) }
}
