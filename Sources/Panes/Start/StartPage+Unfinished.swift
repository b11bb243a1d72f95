import Capture
import Inspection
import Screen

/// What was left of runs that were cut off.
extension StartPage {
    /// Of the sections, all but this one are always there.
    var shownSections: [StartSection] { StartSection.allCases.filter { $0 != .unfinished || !unfinished.isEmpty } }

    /// What was watched.
    func words(of left: LeftSpool) -> String {
        left.sources.map { VisibleText.visible($0) }.joined(separator: ", ")
    }

    func drawUnfinished(_ left: LeftSpool, _ table: PaneTable, into buffer: inout Buffer, at origin: Point) {
        table.draw(
            [
                PaneTable.Cell(""), PaneTable.Cell(words(of: left)),
                PaneTable.Cell(Self.age(of: left.ended, now: now), .dim), PaneTable.Cell(Format.bytes(left.octets)),
            ], theme[.text], into: &buffer, at: origin, context)
    }
}
