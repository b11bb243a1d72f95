import NIOCore
import NIOPosix
import SpatioSession

/// A UDP socket that has joined a multicast group: hears what is sent to the group, and sends to it. IPv4 and IPv6.
public final class MulticastSocket: Sendable {
    /// The groups of discovery and announcements (profile section 2).
    public static let discoveryIPv4 = "239.77.28.1"
    public static let discoveryIPv6 = "ff15::7728"

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let channel: SocketChannel
    public let group: SocketAddress

    private init(_ channel: SocketChannel, _ group: SocketAddress) {
        self.channel = channel
        self.group = group
    }

    /// Joins a group on one interface, or where the routing table says. Several programs can be in a group on one machine.
    ///
    /// - Parameters:
    ///   - hops: how far what is sent goes; 1 is the local network.
    ///   - received: on the event loop, with each datagram.
    public static func join(
        _ group: SocketAddress, interface: String? = nil, hops: Int = 1, on loop: any EventLoop,
        received: @escaping @Sendable (Traffic) -> Void
    ) -> EventLoopFuture<MulticastSocket> {
        guard group.isMulticast else {
            return loop.makeFailedFuture(Failure(description: "\(group.ipAddress ?? "?") is no multicast address"))
        }
        let device: NIONetworkDevice?
        do {
            device = try interface.map { try self.device($0, group) }
        } catch {
            return loop.makeFailedFuture(error)
        }
        let isIPv6 = group.protocol == .inet6
        return DatagramBootstrap(group: loop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.socketOption(.so_rcvbuf), value: .init(SocketSizes.receiveBuffer))
            .channelOption(.datagramVectorReadMessageCount, value: SocketSizes.datagramsPerRead)
            .channelOption(.recvAllocator, value: SocketSizes.datagramAllocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = SocketHandler<AddressedEnvelope<ByteBuffer>>(
                        read: { envelope in
                            received(
                                Traffic(
                                    octets: Array(envelope.data.readableBytesView), source: envelope.remoteAddress,
                                    destination: group, isStream: false, isSent: false, time: Moment.now.wall))
                        }, readComplete: {})
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            // Bound to the group itself, the socket hears nothing that is sent to the port otherwise.
            .bind(to: group)
            .flatMap { channel in
                guard let multicast = channel as? any MulticastChannel else {
                    return loop.makeFailedFuture(Failure(description: "no multicast on this system"))
                }
                return Self.limit(hops, isIPv6, channel)
                    .flatMap { multicast.joinGroup(group, device: device) }
                    .map { MulticastSocket(channel, group) }
                    .flatMapErrorThrowing { error in
                        channel.close(promise: nil)
                        throw Failure(
                            description: "the group \(group.ipAddress ?? "?") cannot be joined: "
                                + SocketFailure.text(error))
                    }
            }
    }

    /// Sends a datagram to the group.
    public func send(_ octets: [UInt8]) {
        let buffer = channel.allocator.buffer(bytes: octets)
        channel.writeAndFlush(AddressedEnvelope(remoteAddress: group, data: buffer), promise: nil)
    }

    /// Leaves the group.
    @discardableResult
    public func close() -> EventLoopFuture<Void> { channel.close() }

    private static func limit(_ hops: Int, _ isIPv6: Bool, _ channel: SocketChannel) -> EventLoopFuture<Void> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return isIPv6
            ? options.setIPv6MulticastHops(CInt(clamping: hops))
            : options.setIPMulticastTTL(CUnsignedChar(clamping: hops))
    }

    private static func device(_ name: String, _ group: SocketAddress) throws -> NIONetworkDevice {
        let family = group.protocol
        guard
            let device = try System.enumerateDevices().first(where: {
                $0.name == name && $0.address?.protocol == family
            })
        else {
            throw Failure(description: "there is no interface \(name) with an address for \(group.ipAddress ?? "?")")
        }
        return device
    }
}
