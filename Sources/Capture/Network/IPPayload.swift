/// What an IP packet carries, whole or put together from fragments.
struct IPPayload {
    var time: Int64
    var source: IPAddress
    var destination: IPAddress
    /// What was captured of it.
    var octets: UnsafeRawBufferPointer
    /// Its length by the IP header; never less than `octets.count`.
    var length: Int
    var origin: OctetOrigin

    /// The payload behind `count` octets of it, which must be there.
    func dropFirst(_ count: Int) -> IPPayload {
        var rest = self
        rest.octets = UnsafeRawBufferPointer(rebasing: octets[count...])
        rest.length -= count
        rest.origin = origin.advanced(by: count)
        return rest
    }
}
