import Screen

/// What is said of one entity by a subscription or a query, as a sign in its place.
enum MapVerdict: Int, CaseIterable, Comparable {
    // The worse goes over the better in one cell.
    case member, memberOutside, cut, heard, found, outside, extra, silent, missed

    var sign: Unicode.Scalar {
        switch self {
        case .heard, .found: "+"
        case .cut: "-"
        case .member: "m"
        case .memberOutside: "M"
        case .outside, .extra: "?"
        case .silent, .missed: "!"
        }
    }

    var role: Role {
        switch self {
        case .heard, .found: .good
        case .cut: .dim
        case .member: .mapMulticast
        case .memberOutside: .warning
        case .outside, .extra: .warning
        case .silent, .missed: .mapAlert
        }
    }

    /// For the legend.
    var text: String {
        switch self {
        case .member: "member of a group"
        case .memberOutside: "member, out of its reach"
        case .heard: "heard, as subscribed"
        case .silent: "inside and not heard"
        case .outside: "heard and outside"
        case .found: "in the answer"
        case .missed: "missing in the answer"
        case .extra: "in the answer, outside"
        case .cut: "left out: max_results"
        }
    }

    static func < (left: MapVerdict, right: MapVerdict) -> Bool { left.rawValue < right.rawValue }
}

extension MapPane {
    /// Signs instead of the marks that are judged.
    func drawVerdicts(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        var worst: [Point: MapVerdict] = [:]
        for (point, verdict) in picture.verdicts {
            guard let cell = picture.camera.cell(point) else { continue }
            worst[cell] = max(verdict, worst[cell] ?? verdict)
        }
        for (cell, verdict) in worst {
            picture.shown.insert(.verdict(verdict))
            let at = Point(x: picture.view.x + cell.x, y: picture.view.y + cell.y)
            let old = buffer[at].style
            var style = context.style(verdict.role).on(old)
            // The selected one stays the selected one.
            if old.attributes.contains(.reversed) { style = style.adding(.reversed) }
            buffer[at] = Cell(verdict.sign, style: style)
        }
    }
}
