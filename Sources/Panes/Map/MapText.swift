import Glibc
import Inspection
import Screen
import SpatioWire

/// Lengths and places as the map writes them.
enum MapText {
    /// With its unit, three digits that count: `0.5 m`, `35.4 km`, `2 mm`.
    static func distance(_ metres: Double) -> String {
        let size = abs(metres)
        if size >= 1000 { return trimmed(metres / 1000) + " km" }
        return size >= 0.01 || size == 0 ? trimmed(metres) + " m" : trimmed(metres * 1000) + " mm"
    }

    /// Three digits that count, without zeros behind the point.
    static func trimmed(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e15 { return "\(value)" }
        if size >= 100 { return Format.thousands(Int(value.rounded())) }
        let text = Format.fixed(value, decimals: size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4)
        guard text.contains(".") else { return text }
        let digits = text.unicodeScalars.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(String.UnicodeScalarView(digits.reversed()))
    }

    /// Metres from the origin, as fine as a cell is.
    static func position(_ point: SIMD2<Double>, metresPerColumn: Double) -> String {
        let decimals = decimals(for: metresPerColumn, most: 4)
        return Format.fixed(point.x, decimals: decimals) + ", " + Format.fixed(point.y, decimals: decimals) + " m"
    }

    /// Longitude and latitude as fine as a cell is, the latter first as everybody says it.
    static func geodetic(_ degrees: SIMD2<Double>, metresPerColumn: Double) -> String {
        let decimals = decimals(for: metresPerColumn / Earth.degreeLength, most: 7)
        let latitude = Format.fixed(abs(degrees.y), decimals: decimals) + (degrees.y < 0 ? " S" : " N")
        return latitude + "  " + Format.fixed(abs(degrees.x), decimals: decimals) + (degrees.x < 0 ? " W" : " E")
    }

    /// Behind the point, so that a step of so much can be seen.
    static func decimals(for unit: Double, most: Int) -> Int {
        min(max(Int((-log10(max(unit, 1e-9))).rounded(.up)), 0), most)
    }

    /// Text in lines of a width, broken between words.
    static func wrapped(_ text: String, width: Int, glyphs: GlyphSet) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, glyphs.columns(of: last) + 1 + glyphs.columns(of: word) <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension MapText {
    /// A step of the graticule: `0.001 deg`.
    static func degrees(_ step: Double) -> String {
        var decimals = 0
        var scale = 1.0
        // Steps are 1, 2 or 5 times a power of ten.
        while decimals < 9, (step * scale).rounded() < 1 {
            decimals += 1
            scale *= 10
        }
        return Format.fixed(step, decimals: decimals) + " deg"
    }

    /// A part of space in few words, in the numbers of its space: `sphere 14 at 3, -2`.
    static func volume(_ volume: BoundingVolume) -> String {
        switch volume {
        case .box(let low, let high):
            "box \(trimmed(low.x)), \(trimmed(low.y)) to \(trimmed(high.x)), \(trimmed(high.y))"
        case .sphere(let centre, let radius): "sphere \(trimmed(radius)) at \(trimmed(centre.x)), \(trimmed(centre.y))"
        case .frustum(let frustum):
            "frustum \(trimmed(Double(frustum.far))) from \(trimmed(frustum.apex.x)), \(trimmed(frustum.apex.y))"
        }
    }
}
