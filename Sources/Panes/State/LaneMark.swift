import Inspection
import Screen

/// What stands in a lane. Of several in one column the one that matters most is shown: the last listed here.
enum LaneMark: Comparable {
    /// So many versions by deltas.
    case delta(Int)
    case response
    case full
    case conflict
    case restart
    case regression
    case gap
    case brokenChain
    case fork
    case divergence

    init(_ event: StateEvent) {
        if event.flags.contains(.restart) {
            self = .restart
            return
        }
        switch event.kind {
        case .conflict: self = .conflict
        case .full: self = .full
        case .response: self = event.flags.contains(.whole) ? .response : .delta(1)
        case .incremental, .delta: self = .delta(1)
        }
    }

    init(_ fault: StateFault.Kind) {
        switch fault {
        case .gap: self = .gap
        case .regression: self = .regression
        case .fork: self = .fork
        case .divergence: self = .divergence
        case .deltaChain: self = .brokenChain
        }
    }

    func glyph(_ glyphs: GlyphSet) -> Unicode.Scalar {
        switch self {
        case .delta(let count) where count > 9: "+"
        case .delta(let count) where count > 1: Unicode.Scalar(UInt8(ascii: "0") + UInt8(count))
        case .delta: glyphs.isUnicode ? "\u{2022}" : "o"
        case .response: glyphs.isUnicode ? "\u{25C7}" : "R"
        case .full: glyphs.isUnicode ? "\u{25C6}" : "F"
        case .conflict: glyphs.isUnicode ? "\u{D7}" : "x"
        case .restart: glyphs.isUnicode ? "\u{21BB}" : "@"
        case .regression: glyphs.isUnicode ? "\u{25C2}" : "<"
        case .gap: "!"
        case .brokenChain: "%"
        case .fork: "Y"
        case .divergence: glyphs.isUnicode ? "\u{2260}" : "#"
        }
    }

    var role: Role {
        switch self {
        case .delta, .response, .full: .typeState
        case .conflict, .restart: .note
        case .regression, .gap: .warning
        case .brokenChain, .fork, .divergence: .error
        }
    }

    /// As the legend and the help call it.
    var name: String {
        switch self {
        case .delta: "delta"
        case .response: "answer"
        case .full: "full"
        case .conflict: "conflict"
        case .restart: "restart"
        case .regression: "older"
        case .gap: "gap"
        case .brokenChain: "broken chain"
        case .fork: "fork"
        case .divergence: "diverges"
        }
    }

    static let legend: [LaneMark] = [
        .full, .response, .delta(1), .conflict, .gap, .regression, .fork, .divergence, .brokenChain, .restart,
    ]
}
