import Capture
import Foundation
import Screen
import SpatioWire
import Testing

@testable import Inspection
@testable import Panes

/// The screen with an engine that does at once what is asked of it, on a fake clock.
struct Bench {
    var application: Application
    private(set) var snapshot: Snapshot
    private(set) var buffer = Buffer(size: .zero)
    private(set) var hasQuit = false
    private(set) var hasStopped = false
    private(set) var redraws = 0
    private(set) var reloads = 0
    /// Beginnings of paths that were to be completed.
    private(set) var completions: [String] = []
    /// Names of themes that were asked for.
    private(set) var themes: [String] = []
    /// What was typed, in order.
    private(set) var remembered: [TypedLine] = []
    private(set) var copied: [String] = []
    private(set) var written: [ExportOrder] = []
    /// Nanoseconds.
    var wall: Int64 = 0
    var size: Size
    var glyphs = GlyphSet.braille
    /// False: events alone, which is faster; the screen stays as it was.
    var isDrawing = true
    /// False: a search waits for time to pass, as it does on a real screen.
    var finishesSearches = true

    init(_ snapshot: Snapshot = Snapshot(), _ width: Int = 80, _ height: Int = 24, theme: Theme = .dark) {
        self.snapshot = snapshot
        size = Size(width: width, height: height)
        application = Application(theme: theme)
        application.update(snapshot)
        draw()
    }

    /// With the first notice out of the way.
    static func ready(_ snapshot: Snapshot, _ width: Int = 80, _ height: Int = 24) -> Bench {
        var bench = Bench(snapshot, width, height)
        bench.press(.control("l"))
        return bench
    }

    @discardableResult
    mutating func draw() -> String {
        buffer = application.draw(size: size, glyphs: glyphs)
        return text
    }

    var text: String { buffer.plainText }
    var bottomLine: String { row(size.height - 1) }
    var topLine: String { row(0) }

    func row(_ y: Int) -> String {
        let rows = text.components(separatedBy: "\n")
        return rows.indices.contains(y) ? rows[y] : ""
    }

    /// The first place of a text on the screen.
    func find(_ wanted: String) -> Point? {
        for (y, row) in text.components(separatedBy: "\n").enumerated() {
            if let range = row.range(of: wanted) {
                return Point(x: row.distance(from: row.startIndex, to: range.lowerBound), y: y)
            }
        }
        return nil
    }

    // MARK: Doing

    mutating func press(_ keys: Key...) { for key in keys { send(.key(key)) } }

    mutating func type(_ text: String) { for scalar in text.unicodeScalars { send(.key(.character(scalar))) } }

    mutating func mouse(_ kind: MouseEvent.Kind, _ x: Int, _ y: Int) {
        send(.mouse(MouseEvent(kind, at: Point(x: x, y: y))))
    }

    mutating func send(_ event: Event) {
        for effect in application.handle(event, wall: wall) { perform(effect) }
        if finishesSearches { while application.isSearching { _ = application.tick(wall: wall) } }
        if isDrawing { draw() }
    }

    /// Lets time pass while the clock may play.
    mutating func pass(seconds: Double) {
        wall += Int64(seconds * 1e9)
        for effect in application.tick(wall: wall) { perform(effect) }
        if isDrawing { draw() }
    }

    mutating func show(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        application.update(snapshot)
        draw()
    }

    private mutating func perform(_ effect: Application.Effect) {
        switch effect {
        case .quit: hasQuit = true
        case .stopLoading: hasStopped = true
        case .redraw: redraws += 1
        case .remember(let line): remembered.append(line)
        case .copy(let text): copied.append(text)
        case .write(let order): write(order)
        case .stopWriting: break
        case .theme(let name): themes.append(name)
        case .complete(let path): completions.append(path)
        case .reload: reloads += 1
        case .seek(let target): seek(target)
        case .filter(let text): filter(text)
        }
        application.update(snapshot)
    }

    private mutating func write(_ order: ExportOrder) {
        written.append(order)
        do throws(ExportError) {
            application.update(.done(try MessageExport.run(order, snapshot)))
        } catch {
            switch error {
            case .exists: application.update(.exists(order))
            case .cancelled: application.update(.cancelled)
            case .failed(let reason): application.update(.failed(reason))
            }
        }
    }

    private mutating func seek(_ target: Inspector.Seek) {
        let count: Int
        var time: Int64?
        switch target {
        case .end:
            snapshot.model = snapshot.whole
            snapshot.isAtEnd = true
            snapshot.cursor = snapshot.index.count
            snapshot.time = snapshot.lastTime
            return
        case .message(let number): count = max(0, min(number, snapshot.index.count))
        case .time(let wanted):
            count = snapshot.index.count(until: wanted)
            time = wanted
        }
        var model = snapshot.whole.fresh()
        var reader = SequentialReader(snapshot.reader)
        for number in 0..<count {
            snapshot.whole.replay(snapshot.index[number], number: number + 1, into: &model, &reader)
        }
        snapshot.moveCursor(to: model, time: time)
    }

    private mutating func filter(_ text: String?) {
        guard let text, let filter = try? Filter(parsing: text) else {
            snapshot.filter = nil
            return
        }
        var found = FilteredMessages(filter: filter)
        var run = FilterRun(filter)
        let snapshot = snapshot
        let matches = run.matches(
            in: snapshot.index, 0..<snapshot.index.count, findings: snapshot.chronicle.findings, model: snapshot.whole
        ) { snapshot.fieldMap(of: $0) }
        for number in matches { found.numbers.append(number) }
        found.examined = snapshot.index.count
        self.snapshot.filter = found
    }
}
