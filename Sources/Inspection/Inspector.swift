import Capture
import Dispatch
import SpatioSession
import SpatioWire
import Synchronization

/// The engine behind the screen: reads a capture on a thread of its own, keeps the index and the model, follows the
/// cursor and the filter, and publishes snapshots.
package final class Inspector: Sendable {
    /// Where the cursor shall go.
    package enum Seek: Equatable, Sendable {
        case end
        /// So many messages applied.
        case message(Int)
        /// Nanoseconds since the Unix epoch.
        case time(Int64)
    }

    private struct Orders {
        var seek: Seek?
        var filter: Filter??
        var stop = false
        var quit = false
    }

    private let orders = Mutex(Orders())
    private let latest = Mutex(Snapshot())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    package init() {}

    /// The newest snapshot.
    package var snapshot: Snapshot { latest.withLock { $0 } }

    package func seek(_ seek: Seek) { order { $0.seek = seek } }
    package func setFilter(_ filter: Filter?) { order { $0.filter = .some(filter) } }
    /// Ends reading; what was read stays.
    package func stopLoading() { order { $0.stop = true } }

    /// Ends the thread and waits for it, but not for a pipe in the middle of a packet.
    package func close() {
        order { $0.quit = true }
        _ = ended.wait(timeout: .now() + Self.patience)
    }

    /// A batch of packets takes some 100 us; a copy of the largest model some 100 ms.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private func order(_ change: (inout Orders) -> Void) {
        orders.withLock { change(&$0) }
        wake.signal()
    }

    /// Starts reading. `open` runs on the engine's thread, so that the first frame need not wait for a slow disk;
    /// `changed` is called there after each new snapshot.
    ///
    /// - Parameters:
    ///   - indexLimit: messages of what is live that are kept; a capture is kept whole.
    ///   - liveRoom: how much of what is live is followed.
    package func start(
        ports: Set<UInt16>, keyLog: KeyLog, schemas: ExtensionSchemas = ExtensionSchemas(),
        indexLimit: Int = MessageBook.usualLimit, liveRoom: Model.Room = .live,
        open: sending @escaping () -> CaptureSource,
        changed: @escaping @Sendable () -> Void
    ) {
        let queue = DispatchQueue(label: "inspector", qos: .userInitiated)
        nonisolated(unsafe) let open = open
        queue.async {
            let source = open()
            for feed in source.feeds { feed.onNews { [weak self] in self?.wake.signal() } }
            var engine = Engine(
                source: source, ports: ports, keyLog: keyLog, schemas: schemas, indexLimit: indexLimit,
                room: source.feeds.isEmpty ? .capture : liveRoom)
            engine.run(self, changed)
            self.ended.signal()
        }
    }

    // MARK: The engine's side

    /// What only the snapshot before still held is given back outside of the lock, so that nobody waits for it.
    fileprivate func publish(_ snapshot: Snapshot) {
        var snapshot = snapshot
        latest.withLock { swap(&$0, &snapshot) }
    }

    fileprivate func takeOrders() -> (seek: Seek?, filter: Filter??, stop: Bool, quit: Bool) {
        orders.withLock { orders in
            defer { orders = Orders(quit: orders.quit) }
            return (orders.seek, orders.filter, orders.stop, orders.quit)
        }
    }

    fileprivate func waitForOrders() { wake.wait() }
    fileprivate func waitForOrders(until time: DispatchTime) { _ = wake.wait(timeout: time) }
}

/// What the engine's thread owns.
private struct Engine {
    /// Packets between two looks at the orders: some 100 us.
    private static let batch = 512
    /// Messages that a filter looks at between two looks at the orders.
    private static let filterBatch = 65_536
    /// Time between snapshots while reading; with a large model, whose copy costs, a multiple of that cost.
    private static let publishInterval = DispatchTimeInterval.milliseconds(50)
    /// Time between two looks at a silent pipe.
    private static let pipeInterval = DispatchTimeInterval.milliseconds(50)
    /// Time between two looks at a feed that goes on: else every single message would wake the engine.
    private static let liveInterval = DispatchTimeInterval.milliseconds(10)

    private let source: CaptureSource
    private var analysis: Analysis
    private var checkpoints: CheckpointStore
    /// Nil: every message is kept.
    private let indexLimit: Int?
    private var loading = Snapshot.Loading.reading(0)
    private var seek = Inspector.Seek.end
    /// The model as of the cursor when that is not the end.
    private var cursorModel: Model?
    private var filtered: FilteredMessages?
    private var filterRun: FilterRun?
    private var nextPublish = DispatchTime.now()
    private var nextRead = DispatchTime.now()
    /// What was said of the connections in the last snapshot.
    private var connections: [Connection] = []
    /// A feed may have more than what was read of it.
    private var hasMore = false
    /// Something happened since the last snapshot; the first one is due at once.
    private var hasNews = true
    /// The next messages have to copy what the snapshot before them shares.
    private var sharesModel = false

    init(
        source: CaptureSource, ports: Set<UInt16>, keyLog: KeyLog, schemas: ExtensionSchemas, indexLimit: Int,
        room: Model.Room
    ) {
        self.source = source
        self.indexLimit = source.feeds.isEmpty ? nil : max(MessageBook.leastLimit, indexLimit)
        checkpoints = CheckpointStore(indexLimit: self.indexLimit)
        analysis = Analysis(
            ports: ports, keyLog: keyLog, schemas: schemas, room: room, interfaceFiles: source.interfaceFiles)
        analysis.leaveOut(source.ownTraffic)
    }

    mutating func run(_ inspector: Inspector, _ changed: @Sendable () -> Void) {
        while true {
            let orders = inspector.takeOrders()
            if orders.quit { return }
            var isDirty = false
            if orders.stop, isReading {
                finish(.stopped)
                isDirty = true
            }
            if let filter = orders.filter {
                filtered = filter.map { FilteredMessages(filter: $0) }
                filtered?.removeAll(before: analysis.book.index?.start ?? 0)
                filterRun = filter.map { FilterRun($0) }
                isDirty = true
            }
            if let seek = orders.seek {
                self.seek = seek
                move()
                isDirty = true
            }
            var isBusy = false
            if isReading, loading != .live || DispatchTime.now() >= nextRead {
                let start = DispatchTime.now()
                isBusy = read()
                if sharesModel, isBusy { postpone(since: start) }
            }
            if examine() { isBusy = true }
            if isBusy { hasNews = true }
            // A connection that changes is seen at once.
            if !source.feeds.isEmpty, source.feeds.map(\.connection) != connections { isDirty = true }
            let isDue = DispatchTime.now() >= nextPublish
            if isDirty || hasNews && (isDue || !isBusy && loading != .live) {
                hasNews = false
                let start = DispatchTime.now()
                let snapshot = snapshot()
                connections = snapshot.connections
                inspector.publish(snapshot)
                changed()
                nextPublish = start + Self.publishInterval
                postpone(since: start)
                sharesModel = true
            }
            if isBusy { continue }
            switch loading {
            case .reading: inspector.waitForOrders(until: .now() + Self.pipeInterval)
            // What comes wakes the engine, unless it has been asked to wait.
            case .live where hasNews || hasMore: inspector.waitForOrders(until: hasMore ? nextRead : nextPublish)
            case .live, .done, .stopped: inspector.waitForOrders()
            }
        }
    }

    private var isReading: Bool {
        switch loading {
        case .reading, .live: true
        case .done, .stopped: false
        }
    }

    /// Snapshots may take a tenth of the time: after one that took long, or whose copy did, the next comes later.
    private mutating func postpone(since start: DispatchTime) {
        let now = DispatchTime.now()
        let cost = now.uptimeNanoseconds - start.uptimeNanoseconds
        nextPublish = max(nextPublish, now + .nanoseconds(Int(clamping: cost) * 9))
        sharesModel = false
    }

    // MARK: Reading

    /// Takes the next packets in; false when there are none yet, or so few that more can wait a moment.
    private mutating func read() -> Bool {
        var count = 0
        let progress = source.readWhatIsThere(Self.batch) { packet in
            // What a key opens comes behind it.
            for feed in source.feeds { for key in feed.takeKeys() { analysis.add(key) } }
            analysis.take(packet)
            count += 1
        }
        let wasLive = loading == .live
        hasMore = false
        switch progress {
        case .ended:
            finish(.done)
            return true
        case .waiting: loading = source.isLive ? .live : loading
        case .read:
            forgetOldest()
            loading = source.isLive ? .live : .reading(source.progress)
        }
        if loading == .live, !wasLive { hasNews = true }
        if progress == .waiting, source.isHolding {
            hasMore = true
            nextRead = .now() + Self.liveInterval
        }
        guard progress == .read else { return false }
        guard loading == .live, count < Self.batch else { return true }
        hasNews = true
        hasMore = true
        nextRead = .now() + Self.liveInterval
        return false
    }

    /// A sixteenth of the index goes at once, so that what has to be looked through for it seldom has to be.
    private static let indexShare = 16
    /// So many messages stay, however many sessions and streams want to be followed: half of what there is room for, so
    /// that new ones find some also where each message is of another.
    private static let crowdedShare = Model.Room.live.flows / 2

    /// Keeps the index within its limit, and within what the model can follow: what is new has no room there as long as
    /// there are messages of everything that it holds. The index loses its beginning up to a checkpoint, because the
    /// model before that could not be told any more.
    private mutating func forgetOldest() {
        let side = analysis.book.sidePosition
        guard let indexLimit, let index = analysis.book.index else {
            return checkpoints.offer(analysis.book.model, sidePosition: side)
        }
        let share = indexLimit / Self.indexShare
        forgetUnreadable(index)
        let least = min(share, Self.crowdedShare)
        let isCrowded = analysis.book.model.isCrowded && index.keptCount > least
        checkpoints.offer(analysis.book.model, sidePosition: side, nearest: isCrowded ? least / 2 : nil)
        guard isCrowded || index.keptCount > indexLimit else { return }
        let wanted = isCrowded ? index.start + index.keptCount / 2 : index.count - indexLimit + share
        forget(before: wanted, keeping: index.count - (isCrowded ? least : 0))
    }

    /// Messages whose octets had to make room on the disk go: nothing could be told of them, nor of a model behind them.
    private mutating func forgetUnreadable(_ index: MessageIndex) {
        guard let first = index.at(index.start), !source.isKept(first) else { return }
        var place = index.start
        index.scan(index.kept) { position, record in
            place = position
            return !source.isKept(copy record)
        }
        forget(before: place, keeping: index.count)
    }

    /// - Parameter last: the index begins there at the latest.
    private mutating func forget(before message: Int, keeping last: Int) {
        guard let base = checkpoints.advance(to: message..., keeping: last) else { return }
        analysis.forget(before: base)
        filtered?.removeAll(before: base.messages)
        // A clock that stands before the beginning goes along with it.
        if let cursor = cursorModel, cursor.counters.messages < base.messages {
            seek = .message(base.messages)
            cursorModel = base.model
        }
    }

    private mutating func finish(_ state: Snapshot.Loading) {
        analysis.finish()
        loading = state
    }

    // MARK: Filtering

    /// Looks at the next messages; false when there are none.
    private mutating func examine() -> Bool {
        guard var found = filtered, var run = filterRun, let index = analysis.book.index, found.examined < index.count
        else { return false }
        filtered = nil
        let whole = analysis.book.model
        let end = min(index.count, found.examined + (found.filter.needsFields ? Self.batch : Self.filterBatch))
        let reader = found.filter.needsFields ? snapshot() : nil
        let matches = run.matches(
            in: index, found.examined..<end, findings: analysis.book.chronicle.findings,
            views: analysis.book.chronicle.views, model: whole
        ) { reader?.fieldMap(of: $0) }
        for number in matches { found.numbers.append(number) }
        found.examined = end
        filtered = found
        filterRun = run
        return true
    }

    // MARK: The cursor

    /// Brings the model to where the cursor shall be: from where it is, or from the nearest checkpoint before.
    private mutating func move() {
        guard let index = analysis.book.index else { return }
        let target: Int
        switch seek {
        case .end:
            cursorModel = nil
            return
        case .message(let number): target = max(index.start, min(number, index.count))
        case .time(let time): target = index.count(until: time)
        }
        var model = start(for: target)
        cursorModel = nil
        var reader = SequentialReader(messageReader)
        let whole = analysis.book.model
        let from = model.counters.messages
        index.scan(from..<target) { number, record in
            whole.replay(record, number: number + 1, into: &model, &reader)
            return true
        }
        cursorModel = model
    }

    private func start(for target: Int) -> Model {
        let checkpoint = checkpoints.latest(upTo: target)
        if let current = cursorModel, current.counters.messages <= target,
            current.counters.messages >= checkpoint?.counters.messages ?? 0
        {
            return current
        }
        return checkpoint ?? analysis.book.model.fresh()
    }

    private var messageReader: MessageReader {
        MessageReader(stores: source.files.map(\.store), sideStore: analysis.book.sideStore)
    }

    // MARK: Publishing

    private func snapshot() -> Snapshot {
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = loading
        snapshot.filter = filtered
        if let cursorModel {
            let time: Int64? = if case .time(let time) = seek { time } else { nil }
            snapshot.moveCursor(to: cursorModel, time: time)
        }
        return snapshot
    }
}

extension Model {
    /// The model before the first message.
    func fresh() -> Model {
        Model(
            keyLog: security.firstKeyLog, schemas: ExtensionSchemas(configured: Array(schemas.configured.values)),
            serverPorts: serverPorts, keepsTrails: keepsTrails, room: room)
    }

    /// Applies an indexed message to an earlier model; `self` is the model of the whole, which the record's indices
    /// refer to.
    func replay(
        _ record: borrowing MessageRecord, number: Int, into model: inout Model, _ reader: inout SequentialReader
    ) {
        model.security.catchUp(with: security, before: number)
        model.catchUp(with: self, before: number)
        guard let stream = stream(of: record) else { return model.skip(record) }
        let flow = flows[stream.flow]
        let source = stream.isForward ? flow.first : flow.second
        let destination = stream.isForward ? flow.second : flow.first
        guard let (number0, isForward) = model.flow(from: source, to: destination, flow.transport) else {
            return model.skip(record)
        }
        let time = record.time
        let marks = record.marks
        let isThere = reader.withOctets(of: record) { octets in
            let arrival = MessageArrival(
                octets: octets, time: time, flow: number0, isForward: isForward, number: number,
                isLeftOver: marks.isLeftOver, isCut: marks.isCut)
            if model.applyPlain(arrival) == nil { _ = model.apply(arrival) }
        }
        if !isThere { model.skip(record) }
    }

    /// A message whose octets are gone still has its number.
    private mutating func skip(_ record: borrowing MessageRecord) {
        counters.messages += 1
        counters.overflow += 1
        lastTime = max(lastTime, record.time)
    }
}
