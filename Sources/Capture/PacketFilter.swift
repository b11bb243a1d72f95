import CPcap

/// A filter in the language of pcap-filter(7), such as `udp port 7728 and host 10.7.1.1`.
package struct PacketFilter {
    private let expression: String
    private let snapLength: Int
    /// By link type, because the offsets that a program tests depend on it.
    private let programs: Programs

    private final class Programs {
        var byLinkType: [LinkType: Program?] = [:]
    }

    /// A compiled filter.
    private final class Program {
        private var code = bpf_program()

        init(_ expression: String, _ linkType: LinkType, _ snapLength: Int) throws(CaptureError) {
            // Inside libpcap raw IP has a number that depends on the system.
            let number = linkType == .raw ? DLT_RAW : Int32(truncatingIfNeeded: linkType.rawValue)
            guard let handle = pcap_open_dead(number, Int32(clamping: snapLength)) else {
                throw CaptureError(file: "filter \"\(expression)\"", reason: "not enough memory")
            }
            defer { pcap_close(handle) }
            guard pcap_compile(handle, &code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
                throw CaptureError(
                    file: "filter \"\(expression)\"", reason: String(cString: pcap_geterr(handle)))
            }
        }

        deinit {
            pcap_freecode(&code)
        }

        func matches(_ packet: CapturedPacket) -> Bool {
            guard let octets = packet.octets.baseAddress else { return false }
            var header = pcap_pkthdr()
            header.caplen = UInt32(clamping: packet.octets.count)
            header.len = UInt32(clamping: packet.originalLength)
            return pcap_offline_filter(&code, &header, octets.assumingMemoryBound(to: UInt8.self)) != 0
        }
    }

    /// Compiles the filter for a first link type, so that an error in it is found at once.
    ///
    /// - Throws: what libpcap says about the expression.
    package init(expression: String, linkType: LinkType, snapLength: Int = CapturedPacket.usualSnapLength)
        throws(CaptureError)
    {
        self.expression = expression
        self.snapLength = snapLength
        programs = Programs()
        programs.byLinkType[linkType] = try Program(expression, linkType, snapLength)
    }

    /// Whether the packet passes. Where the expression makes no sense on the packet's link type, it does not.
    package func matches(_ packet: CapturedPacket) -> Bool {
        let program: Program?
        if let known = programs.byLinkType[packet.linkType] {
            program = known
        } else {
            program = try? Program(expression, packet.linkType, snapLength)
            programs.byLinkType[packet.linkType] = program
        }
        return program?.matches(packet) ?? false
    }
}
