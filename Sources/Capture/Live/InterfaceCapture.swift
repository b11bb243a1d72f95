import CPcap
import Glibc
import Synchronization

/// Packets of an interface, taken by a thread that does nothing but copy them into a ring.
///
/// The interface is open from the beginning, so that every privilege can be given up before `start`, which is when the
/// first octet is looked at; what comes in between waits in the kernel.
package final class InterfaceCapture: Sendable {
    package struct Options: Equatable, Sendable {
        /// Octets kept of a packet.
        package var snapLength = CapturedPacket.usualSnapLength
        /// Octets in the kernel, 64 MiB: with them a reader that is away for half a second loses nothing of 80,000
        /// packets a second, with 2 MiB nearly everything.
        package var bufferSize = 64 << 20
        /// Also what is meant for other machines.
        package var isPromiscuous = false
        /// Each packet at once, rather than many at a time: for little traffic, because it costs a system call each and
        /// the kernel's older, slower ring.
        package var isImmediate = false
        /// In the language of pcap-filter(7), run by the kernel; nil: everything.
        package var filter: String?
        /// How long the kernel collects packets before it hands them over: less than a frame on the screen.
        let batchMilliseconds: Int32 = 20

        package init() {}
    }

    /// Packets that came and were not taken in.
    package struct Drops: Equatable, Sendable {
        /// The kernel's buffer was full. On the loopback interface the kernel counts each packet twice.
        package var byKernel: UInt64 = 0
        /// The interface or its driver had no room.
        package var byInterface: UInt64 = 0
        /// Our ring was full, because nobody read it.
        package var byRing: UInt64 = 0

        package init(byKernel: UInt64 = 0, byInterface: UInt64 = 0, byRing: UInt64 = 0) {
            self.byKernel = byKernel
            self.byInterface = byInterface
            self.byRing = byRing
        }

        /// Of several interfaces; nil of none.
        package static func sum(_ drops: [Drops]) -> Drops? {
            drops.first.map { drops.dropFirst().reduce($0, +) }
        }

        /// Files may say any number.
        package static func + (left: Drops, right: Drops) -> Drops {
            Drops(
                byKernel: left.byKernel &+ right.byKernel, byInterface: left.byInterface &+ right.byInterface,
                byRing: left.byRing &+ right.byRing)
        }
    }

    package let name: String
    /// Where the packets go; it is finished when the capture has ended.
    package let ring: LiveCapture
    package let linkType: LinkType

    /// Used by the thread alone once that runs.
    private nonisolated(unsafe) let handle: InterfaceHandle
    /// Wakes the thread.
    private let bell: Descriptor
    private let isStopped = Atomic<Bool>(false)

    private struct State {
        var thread: pthread_t?
        var drops = Drops()
        var dropLog = DropLog()
        var failure: InterfaceError?
        var condition: InterfaceCondition?
        var changed: (@Sendable (InterfaceCondition, Int64) -> Void)?
    }
    private let state = Mutex(State())

    /// Opens the interface: from now on the kernel keeps what passes.
    ///
    /// - Parameters:
    ///   - name: one of `NetworkInterface.all`, "any" among them.
    ///   - capacity: octets in our own ring.
    package init(
        _ name: String, _ options: Options = Options(), capacity: Int = LiveCapture.usualCapacity
    ) throws(InterfaceError) {
        handle = try InterfaceHandle(name, options)
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw .other(interface: name, reason: String(cString: strerror(errno))) }
        bell = Descriptor(number)
        self.name = name
        linkType = handle.linkType
        ring = LiveCapture(name: name, linkType: handle.linkType, capacity: capacity)
    }

    deinit {
        // Its thread has ended by itself, and nobody has waited for it.
        if let thread = state.withLock({ $0.thread }) { pthread_detach(thread) }
    }

    package var drops: Drops {
        var drops = state.withLock { $0.drops }
        drops.byRing = ring.dropped
        return drops
    }

    /// When packets were dropped, as of the last look at the counters.
    package var dropLog: DropLog { state.withLock { $0.dropLog } }

    /// Why nothing comes any more, where nobody has asked for that.
    package var failure: InterfaceError? { state.withLock { $0.failure } }

    /// `body` is called on the capture's thread with how it stands with the interface, when that begins and whenever it
    /// changes, and since when: nanoseconds since the Unix epoch. To be called before `start`.
    package func onCondition(_ body: @escaping @Sendable (InterfaceCondition, Int64) -> Void) {
        state.withLock { $0.changed = body }
    }

    /// Begins to take packets in. Once only.
    package func start() {
        state.withLock { state in
            guard state.thread == nil else { return }
            // Signals are for the threads that wait for them; a thread inherits what is blocked.
            var all = sigset_t()
            var before = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, &before)
            defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<InterfaceCapture>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            if code == 0 {
                state.thread = thread
            } else {
                Unmanaged.passUnretained(self).release()
                state.failure = .other(interface: name, reason: String(cString: strerror(code)))
                ring.finish()
            }
        }
    }

    /// Takes what came until now, and ends.
    package func stop() {
        guard let thread = state.withLock({ state in exchange(&state.thread, nil) }) else { return }
        isStopped.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(bell.number, &one, MemoryLayout.size(ofValue: one))
        pthread_join(thread, nil)
    }

    private func exchange<Value>(_ place: inout Value?, _ value: Value?) -> Value? {
        defer { place = value }
        return place
    }

    // MARK: The thread

    /// Packets between two looks at the clock; so many come in some 5 ms at most.
    private static let batch: Int32 = 4096
    /// Nanoseconds between two looks at the counters, each of which opens a file.
    private static let countInterval: Int64 = 250_000_000
    /// Milliseconds of silence after which the counters and the interface are looked at.
    private static let patience: Int32 = 500

    private func run() {
        cp_name_thread("capture")
        var sources = [
            pollfd(fd: handle.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
        ]
        var seen = Counted()
        var nextCount: Int64 = 0
        while !isStopped.load(ordering: .acquiring), let count = take() {
            let now = SystemClock.monotonic
            if now >= nextCount {
                countDrops(&seen)
                look()
                nextCount = now + Self.countInterval
            }
            if count == 0 { poll(&sources, 2, Self.patience) }
        }
        if failure == nil { drain(&sources) }
        countDrops(&seen)
        ring.finish()
    }

    /// Takes the packets that are there, at most a batch; nil when nothing comes any more.
    private func take() -> Int32? {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let count = pcap_dispatch(handle.pointer, Self.batch, Self.push, context)
        if count >= 0 { return count }
        if handle.isGone {
            // Its packets come again when it is there again.
            look()
            return 0
        }
        let error = InterfaceError(name, status: count, reason: handle.lastError)
        state.withLock { $0.failure = error }
        return nil
    }

    /// Looks how it stands with the interface, and says so where that has changed.
    private func look() {
        let condition = handle.condition()
        let changed = state.withLock { state in
            guard state.condition != condition else { return nil as (@Sendable (InterfaceCondition, Int64) -> Void)? }
            state.condition = condition
            return state.changed
        }
        changed?(condition, SystemClock.wall)
    }

    private static let push: pcap_handler = { context, header, octets in
        guard let context, let header, let octets else { return }
        Unmanaged<InterfaceCapture>.fromOpaque(context)._withUnsafeGuaranteedRef { capture in
            let header = header.pointee
            let time = Int64(header.ts.tv_sec) * 1_000_000_000 + Int64(header.ts.tv_usec) * capture.handle.timeUnit
            capture.ring.push(
                UnsafeRawBufferPointer(start: octets, count: Int(header.caplen)), time: time,
                originalLength: Int(header.len))
        }
    }

    /// What the kernel has handed over when the end comes, and then what it still collects, which it hands over after the
    /// usual time; what is more than its whole buffer came later.
    private func drain(_ sources: inout [pollfd]) {
        takeWhatIsThere()
        poll(&sources, 1, handle.batchMilliseconds * 2)
        takeWhatIsThere()
    }

    private func takeWhatIsThere() {
        for _ in 0..<Self.lastBatches {
            guard let count = take(), count > 0 else { return }
        }
    }

    /// 64 MiB of the smallest packets.
    private static let lastBatches = 256

    /// libpcap's counters when they were looked at last: 32 bits that begin again at 0.
    private struct Counted {
        var byKernel: UInt32 = 0
        var byInterface: UInt32 = 0
        var byRing: UInt64 = 0
        /// Of the wall clock; 0 before the first look.
        var time: Int64 = 0
    }

    private func countDrops(_ seen: inout Counted) {
        var figures = pcap_stat()
        guard pcap_stats(handle.pointer, &figures) == 0 else { return }
        let kernel = UInt64(figures.ps_drop &- seen.byKernel)
        // An interface that was gone begins to count anew, which looks like a step back.
        let interface = UInt64(max(0, Int32(bitPattern: figures.ps_ifdrop &- seen.byInterface)))
        let ring = self.ring.dropped
        let now = SystemClock.wall
        // A clock that was set back tells when it ended, not how long it took.
        let event = DropEvent(
            start: seen.time == 0 ? now : min(seen.time, now), end: now,
            drops: Drops(byKernel: kernel, byInterface: interface, byRing: ring - seen.byRing))
        seen = Counted(byKernel: figures.ps_drop, byInterface: figures.ps_ifdrop, byRing: ring, time: now)
        state.withLock { state in
            state.drops.byKernel += kernel
            state.drops.byInterface += interface
            state.dropLog.add(event)
        }
    }

}
