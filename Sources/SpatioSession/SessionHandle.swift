/// One session at a server; never used again for another one while the server runs.
public struct SessionHandle: Hashable, Sendable, Comparable {
    public let number: UInt64

    public init(number: UInt64) { self.number = number }

    public static func < (left: SessionHandle, right: SessionHandle) -> Bool { left.number < right.number }
}
