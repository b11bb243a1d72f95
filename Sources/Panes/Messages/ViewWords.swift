import Inspection
import Screen

/// What a message is beside the same one as somebody else saw it, in words.
enum ViewWords {
    /// `also seen on the wire 12.3 ms before (#241); 0.31 m behind`
    ///
    /// - Parameters:
    ///   - number: of the message that is looked at.
    ///   - width: columns that there are; where they are few, it is said in fewer words.
    static func text(of match: ViewMatch, from number: Int, width: Int, _ glyphs: GlyphSet) -> String {
        let isMirrored = match.mirrored == number
        // Of one on the wire the observer's time counts from it.
        let later = Double(isMirrored ? -match.milliseconds : match.milliseconds)
        let when = Format.fixed(abs(later), decimals: 1) + (later < 0 ? " ms before" : " ms later")
        let behind = match.metres.map { "; \(isMirrored ? "" : "then ")\(MapText.distance($0)) behind" } ?? ""
        let who = isMirrored ? "also seen on the wire" : "also seen by the observer"
        let long = "\(who) \(when) (#\(match.twin(of: number)))\(behind)"
        if glyphs.columns(of: long) <= width { return long }
        let short = match.metres.map { ", \(MapText.distance($0))" } ?? ""
        return "\(isMirrored ? "wire" : "observer") \(when)\(short) (#\(match.twin(of: number)))"
    }

    /// `observer 12.3 ms, 0.31 m behind`
    static func text(of milliseconds: Float, metres: Double) -> String {
        "observer \(Format.fixed(Double(milliseconds), decimals: 1)) ms, \(MapText.distance(metres)) behind"
    }

    /// `[+12.3 ms] ` before what a mirrored message says whose twin is on the wire.
    static func note(of number: Int, _ snapshot: Snapshot) -> String? {
        guard let record = snapshot.index.at(number - 1), snapshot.whole.stream(of: record)?.isMirrored == true else {
            return nil
        }
        return snapshot.chronicle.views.twin(ofMirrored: number).map { "[\(signed(Double($0.milliseconds))) ms] " }
    }

    /// `+12.3`, `-0.4`
    static func signed(_ milliseconds: Double) -> String {
        (milliseconds < 0 ? "-" : "+") + Format.fixed(abs(milliseconds), decimals: 1)
    }
}
