import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// The same message as it passed the wire and as an observer got it, on the screen.
struct ViewScreenTests {
    /// Alice walks; all that she says is mirrored 12 ms later, but one update only when she has gone on.
    private static func watched() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        meeting.observe()
        meeting.wait(milliseconds: 20)
        for step in 0..<30 {
            meeting.move(0, Double(step) * 0.5 - 7, 2)
            let last = meeting.lastMove(of: 0)
            meeting.wait(milliseconds: 12)
            if step == 20 {
                meeting.wait(milliseconds: 30)
                meeting.move(0, Double(step) * 0.5 - 6.6, 2)
                let next = meeting.lastMove(of: 0)
                meeting.wait(milliseconds: 5)
                meeting.mirror(last, of: 0)
                meeting.wait(milliseconds: 7)
                meeting.mirror(next, of: 0)
            } else {
                meeting.mirror(last, of: 0)
            }
            meeting.wait(milliseconds: 88)
        }
        return meeting
    }

    private static let capture = Result { try watched().snapshot() }

    private static func bench(_ width: Int = 120, _ height: Int = 30) throws -> Bench {
        Bench.ready(try capture.get(), width, height)
    }

    /// The message that was mirrored late: 20 before it went out with their mirrored ones, behind CONNECT, its answer and the observer's.
    private static let late = 3 + 2 * 20 + 1

    @Test func `The fields of a message begin with who else has seen it, and percent goes there and back`() throws {
        var bench = try Self.bench()
        bench.press("@")
        bench.type("#\(Self.late + 2)")
        bench.press(.enter, "2", .enter, "\\")
        #expect(bench.find("also seen on the wire 47.0 ms before (#44); 0.4 m behind") != nil)
        bench.press("%")
        #expect(bench.find("Fields of 44") != nil)
        #expect(bench.find("also seen by the observer 47.0 ms later (#46); then 0.4 m behind") != nil)
        bench.press("%")
        #expect(bench.find("Fields of 46") != nil)
    }

    @Test func `The list tells a mirrored message from the one on the wire`() throws {
        var bench = try Self.bench()
        bench.press("2", "\\", "g")
        #expect(bench.find("[+12.0 ms] 1 entity") != nil)
    }

    @Test func `A message that nobody else has seen says so when it is asked`() throws {
        var bench = try Self.bench()
        bench.press("2", "g", "%")
        #expect(bench.bottomLine.contains("Nobody else is known to have seen this message."))
    }

    @Test func `Where the clock stands decides how far behind the observer is on the map`() throws {
        var bench = try Self.bench(200, 50)
        bench.press("3", "n")
        #expect(bench.find("observer 12.0 ms, 0 m behind") != nil)
        bench.press("@")
        bench.type("#\(Self.late + 2)")
        bench.press(.enter, "3")
        #expect(bench.find("observer 47.0 ms, 0.4 m behind") != nil)
    }

    @Test func `Streams say what is mirrored and how much later it comes`() throws {
        var bench = try Self.bench()
        bench.press("1", "\\")
        #expect(bench.find("observer +12.0 ms") != nil)
        #expect(bench.find("spatial mirrored") != nil)
    }

    @Test(arguments: [(80, 24), (200, 50)])
    func `The graph of what the observer is behind looks as recorded`(size: (Int, Int)) throws {
        var bench = try Self.bench(size.0, size.1)
        bench.press("5", "\\", "G", "v")
        assertGolden(bench.text, "quality_views_\(size.0)x\(size.1)")
    }

    @Test(arguments: [(80, 24), (200, 50)])
    func `A mirrored message looks as recorded`(size: (Int, Int)) throws {
        var bench = try Self.bench(size.0, size.1)
        bench.press("@")
        bench.type("#\(Self.late + 2)")
        bench.press(.enter, "2", .enter)
        assertGolden(bench.text, "views_\(size.0)x\(size.1)")
    }
}
