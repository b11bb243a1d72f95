import NIOCore

/// The end of a channel's pipeline: hands what comes to a driver on the same event loop.
///
/// - Inbound: `ByteBuffer` of a TCP connection, `AddressedEnvelope<ByteBuffer>` of a UDP socket.
final class SocketHandler<Inbound>: ChannelInboundHandler {
    typealias InboundIn = Inbound

    private let read: (Inbound) -> Void
    private let readComplete: () -> Void
    private let inactive: () -> Void
    private let failed: (any Error) -> Void

    init(
        read: @escaping (Inbound) -> Void, readComplete: @escaping () -> Void,
        inactive: @escaping () -> Void = {}, failed: @escaping (any Error) -> Void = { _ in }
    ) {
        self.read = read
        self.readComplete = readComplete
        self.inactive = inactive
        self.failed = failed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { read(unwrapInboundIn(data)) }
    func channelReadComplete(context: ChannelHandlerContext) { readComplete() }
    func channelInactive(context: ChannelHandlerContext) { inactive() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { failed(error) }
}
