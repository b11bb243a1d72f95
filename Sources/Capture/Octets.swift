/// Loads at offsets that the caller has checked: one length check, then these.
extension UnsafeRawPointer {
    @inline(__always)
    func big16(_ offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func big32(_ offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    func big64(_ offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    func octet(_ offset: Int) -> UInt8 {
        load(fromByteOffset: offset, as: UInt8.self)
    }
}

/// The byte order of a capture file, which is that of the machine that wrote it.
struct ByteOrder {
    let isSwapped: Bool

    @inline(__always)
    func load16(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        let value = pointer.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isSwapped ? value.byteSwapped : value
    }

    @inline(__always)
    func load32(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        let value = pointer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isSwapped ? value.byteSwapped : value
    }

    func load64(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        let value = pointer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return isSwapped ? value.byteSwapped : value
    }
}
