import Inspection
import Screen

/// What a message is beside the same one as somebody else saw it, in words.
enum ViewWords {
    /// `also seen on the wire 12.3 ms before (#241); 0.31 m behind`
    ///
    /// - Parameter number: of the message that is looked at.
    static func text(of match: ViewMatch, from number: Int) -> String {
        let isMirrored = match.mirrored == number
        // Of one on the wire the observer's time counts from it.
        let later = Double(isMirrored ? -match.milliseconds : match.milliseconds)
        let when = Format.fixed(abs(later), decimals: 1) + (later < 0 ? " ms before" : " ms later")
        let behind = match.metres.map { "; \(isMirrored ? "" : "then ")\(MapText.distance($0)) behind" } ?? ""
        let who = isMirrored ? "also seen on the wire" : "also seen by the observer"
        return "\(who) \(when) (#\(match.twin(of: number)))\(behind)"
    }

    /// `observer: 12.3 ms, 0.31 m behind the wire`
    static func text(of milliseconds: Float, metres: Double) -> String {
        "observer: \(Format.fixed(Double(milliseconds), decimals: 1)) ms, \(MapText.distance(metres)) behind the wire"
    }

    /// `+12.3`, `-0.4`
    static func signed(_ milliseconds: Double) -> String {
        (milliseconds < 0 ? "-" : "+") + Format.fixed(abs(milliseconds), decimals: 1)
    }
}
