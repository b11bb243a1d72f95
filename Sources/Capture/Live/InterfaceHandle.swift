import CPcap

/// An open libpcap handle of an interface. One thread at a time uses it.
final class InterfaceHandle {
    let name: String
    /// What the handle's packets begin with.
    let linkType: LinkType
    /// Nanoseconds in the smaller unit of the handle's times.
    let timeUnit: Int64
    let batchMilliseconds: Int32
    let pointer: OpaquePointer
    /// The socket, to be waited for.
    let descriptor: Int32
    /// As the kernel numbers it (ARPHRD).
    let hardwareType: Int32
    let isPromiscuous: Bool

    init(_ name: String, _ options: InterfaceCapture.Options) throws(InterfaceError) {
        var reason = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let pointer = pcap_create(name, &reason) else {
            throw .other(interface: name, reason: String(nulTerminated: reason))
        }
        do throws(InterfaceError) {
            try Self.activate(pointer, name, options)
        } catch {
            pcap_close(pointer)
            throw error
        }
        self.name = name
        self.pointer = pointer
        batchMilliseconds = options.batchMilliseconds
        descriptor = pcap_get_selectable_fd(pointer)
        hardwareType = cp_hardware_type(descriptor, name)
        isPromiscuous = options.isPromiscuous
        let number = pcap_datalink(pointer)
        linkType = number == DLT_RAW ? .raw : LinkType(rawValue: UInt32(bitPattern: number))
        timeUnit = pcap_get_tstamp_precision(pointer) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000
    }

    deinit { pcap_close(pointer) }

    private static func activate(
        _ pointer: OpaquePointer, _ name: String, _ options: InterfaceCapture.Options
    ) throws(InterfaceError) {
        // Before activation these cannot fail, except for a unit of time that a machine may not have.
        pcap_set_snaplen(pointer, Int32(clamping: options.snapLength))
        pcap_set_buffer_size(pointer, Int32(clamping: options.bufferSize))
        pcap_set_timeout(pointer, options.batchMilliseconds)
        pcap_set_promisc(pointer, options.isPromiscuous ? 1 : 0)
        pcap_set_immediate_mode(pointer, options.isImmediate ? 1 : 0)
        pcap_set_tstamp_precision(pointer, PCAP_TSTAMP_PRECISION_NANO)
        let status = pcap_activate(pointer)
        // Above 0 are warnings, such as that "any" cannot be promiscuous.
        guard status >= 0 else { throw InterfaceError(name, status: status, reason: lastError(pointer)) }
        // The newer header says which interface a packet of "any" passed; where it cannot be had, the older one does.
        if name == InterfaceTraffic.everywhere { pcap_set_datalink(pointer, DLT_LINUX_SLL2) }
        if let filter = options.filter { try install(filter, in: pointer, name) }
        var reason = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_setnonblock(pointer, 1, &reason) == 0, pcap_get_selectable_fd(pointer) >= 0 else {
            throw .other(interface: name, reason: "cannot be waited for \(String(nulTerminated: reason))")
        }
    }

    private static func install(
        _ expression: String, in pointer: OpaquePointer, _ name: String
    ) throws(InterfaceError) {
        var program = bpf_program()
        guard pcap_compile(pointer, &program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw .filter(interface: name, reason: lastError(pointer))
        }
        defer { pcap_freecode(&program) }
        guard pcap_setfilter(pointer, &program) == 0 else {
            throw .filter(interface: name, reason: lastError(pointer))
        }
    }

    var lastError: String { Self.lastError(pointer) }

    private static func lastError(_ pointer: OpaquePointer) -> String {
        pcap_geterr(pointer).map { String(cString: $0) } ?? ""
    }
}
