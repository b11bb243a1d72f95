import Glibc
import Screen

/// How many entities each cell shows, and which of them stands for the others.
struct Crowd {
    private(set) var size = Size.zero
    /// Row after row.
    private(set) var counts: [UInt32] = []
    /// Index in the survey's places of the first fresh one of each cell, else of the first; valid where there is one.
    private(set) var first: [UInt32] = []
    /// In all cells together.
    private(set) var total = 0
    /// Most in one cell.
    private(set) var most = 0
    /// What the full shade stands for: follows `most` up at once and down slowly, so that shades do not flicker.
    private(set) var peak = 0.0
    private var peakTime: Int64 = 0
    private var peakStep: Int?

    /// Seconds of the capture in which the peak falls by half.
    private static let halfLife = 5.0
    /// As many in one cell can be told by a digit; more is a shade.
    static let countable = 8
    /// With so many on the screen every cell is shaded: a map of single marks would be noise.
    static let crowded = 2000

    var isCrowded: Bool { total > Self.crowded }
    /// Whether any cell is drawn as a shade.
    var hasShades: Bool { isCrowded || most > Self.countable }

    /// Counts the places that the camera sees.
    /// - Parameter time: nanoseconds
    mutating func count(_ places: [Survey.Place], through camera: Camera, time: Int64) {
        reset(camera.size)
        let columns = 1 / camera.metresPerColumn
        let rows = 1 / camera.metresPerRow
        let left = camera.extent.low.x
        let top = camera.extent.high.y
        let width = Double(size.width)
        let height = Double(size.height)
        total = 0
        counts.withUnsafeMutableBufferPointer { counts in
            first.withUnsafeMutableBufferPointer { first in
                for index in places.indices {
                    let x = (places[index].x - left) * columns
                    let y = (top - places[index].y) * rows
                    guard x >= 0, y >= 0, x < width, y < height else { continue }
                    let cell = Int(y) * size.width + Int(x)
                    if counts[cell] == 0 || places[Int(first[cell])].isStale && !places[index].isStale {
                        first[cell] = UInt32(truncatingIfNeeded: index)
                    }
                    counts[cell] += 1
                    total += 1
                }
            }
        }
        most = Int(counts.max() ?? 0)
        // At another scale other counts are usual.
        if peakStep != camera.step { peak = 0 }
        let elapsed = Double(abs(time - peakTime)) / 1e9
        peak = max(Double(most), peak * exp2(-elapsed / Self.halfLife))
        peakTime = time
        peakStep = camera.step
    }

    private mutating func reset(_ size: Size) {
        if size == self.size {
            for index in counts.indices { counts[index] = 0 }
            return
        }
        self.size = size
        counts = Array(repeating: 0, count: size.area)
        first = Array(repeating: 0, count: size.area)
    }

    func count(at cell: Point) -> Int {
        guard Rect(size).contains(cell) else { return 0 }
        return Int(counts[cell.y * size.width + cell.x])
    }

    /// Whether a cell with so many is drawn as a shade.
    func isShaded(_ count: Int) -> Bool { count > Self.countable || isCrowded && count > 0 }

    /// The least count of each step of a ramp, by the logarithm: the eye must tell 9 from 30 as well as 900 from 3000.
    func thresholds(steps: Int) -> [Double] {
        (0..<steps).map { expm1(Double($0) / Double(steps) * log1p(peak)) }
    }
}

/// The looks of cells with too many entities for marks, made once a frame.
struct ShadeScale {
    private let thresholds: [Double]
    private let cells: [Cell]

    /// Where there is one colour only, characters tell the steps. A shade of colour has a sign too, because its darkest
    /// step may look like nothing; in a crowd the least one, because there the shades are the picture.
    init(_ crowd: Crowd, _ theme: Theme, _ glyphs: GlyphSet) {
        if theme.density.count > 1 {
            let sign: Unicode.Scalar = crowd.isCrowded ? "." : "+"
            cells = theme.density.map { Cell(sign, style: Self.style(on: $0)) }
        } else {
            cells = Self.signs(glyphs).map { Cell($0) }
        }
        thresholds = crowd.thresholds(steps: cells.count)
    }

    /// Sparse to crowded, without colour.
    static func signs(_ glyphs: GlyphSet) -> [Unicode.Scalar] {
        glyphs.isUnicode ? ["\u{2591}", "\u{2592}", "\u{2593}", "\u{2588}"] : [":", "=", "*", "#"]
    }

    private static func style(on shade: Color) -> Style {
        guard case .indexed(let index) = shade else { return .plain }
        return Style(foreground: .indexed(Palette.readable(on: index)), background: shade)
    }

    func cell(for count: Int) -> Cell {
        let step = thresholds.lastIndex { $0 <= Double(count) } ?? 0
        return cells[step]
    }
}
