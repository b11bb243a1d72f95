import Glibc
import NIOCore
import NIOPosix

/// A socket in an event loop; `Channel` alone is the session's.
typealias SocketChannel = any NIOCore.Channel

/// How much sockets and the reads from them hold.
enum SocketSizes {
    /// Octets that the kernel keeps for us while we are busy: a tenth of a second of 200 clients and their observers. The
    /// kernel takes less where it is told to (`net.core.rmem_max`).
    static let receiveBuffer = 4 << 20
    /// Datagrams in one call of `recvmmsg`.
    static let datagramsPerRead = 8
    /// Octets of a datagram that are read: the largest there is over IPv4 or IPv6 without jumbograms, so that none is cut.
    private static let largestDatagram = 65_536
    /// One buffer for all the datagrams of a read.
    static var datagramAllocator: FixedSizeRecvByteBufferAllocator {
        FixedSizeRecvByteBufferAllocator(capacity: largestDatagram * datagramsPerRead)
    }
    /// Octets that wait for a TCP peer that does not read; a peer behind that is cut off rather than remembered.
    static let mostUnsent = 8 << 20
}

/// What a system error says, in words without the names of functions.
public enum SocketFailure {
    public static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOPosix.NIOConnectionError:
            error.connectionErrors.first.map { text($0.error) } ?? "\(error.host) has no address"
        case let error as ChannelError:
            if case .connectTimeout = error { "no answer" } else { "\(error)" }
        default: "\(error)"
        }
    }
}
