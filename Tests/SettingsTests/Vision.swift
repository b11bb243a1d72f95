import Foundation
import Screen

/// How somebody sees the colours of the xterm palette.
enum Vision: CaseIterable {
    case usual, protanopia, deuteranopia

    /// Machado, Oliveira, Fernandes 2009, severity 1, for linear sRGB.
    private var matrix: [[Double]] {
        switch self {
        case .usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        case .protanopia:
            [
                [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
            ]
        case .deuteranopia:
            [
                [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
            ]
        }
    }

    /// In Oklab, where distances are about as large as they look; 0...1 in lightness.
    private func lab(_ index: UInt8) -> [Double] {
        let color = Palette.rgb(index)
        let linear = [color.red, color.green, color.blue].map { value in
            let share = Double(value) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        let seen = matrix.map { row in min(1, max(0, zip(row, linear).map(*).reduce(0, +))) }
        let cones = [
            [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ].map { row in cbrt(zip(row, seen).map(*).reduce(0, +)) }
        return [
            [0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ].map { row in zip(row, cones).map(*).reduce(0, +) }
    }

    /// How far two colours are apart; 1 is black and white, 0.02 is just seen side by side.
    func distance(_ first: UInt8, _ second: UInt8) -> Double {
        zip(lab(first), lab(second)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
    }

    /// How far two colours are apart for whoever sees them worst.
    static func leastDistance(_ first: Color, _ second: Color) -> Double {
        guard case .indexed(let first) = first, case .indexed(let second) = second else { return 0 }
        return allCases.map { $0.distance(first, second) }.min() ?? 0
    }
}
