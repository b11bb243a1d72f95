import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// Seconds that a query stays on the map, and the part of them in which it counts as fresh.
    private static let queryAge = 4.0
    static let freshAge = 1.5
    private static let mostQueries = 24

    /// The footprints of the queries of the last seconds; the one that is looked at is compared with what it should have
    /// found.
    mutating func queryAreas(_ picture: inout Picture, _ context: PaneContext) -> [MapArea] {
        guard layers.contains(.queries) else { return [] }
        let known = picture.known
        var places = recentQueries(known, picture.space)
        let focus = query ?? places.first
        if let focus, !places.contains(focus), known.chronicle.spatial.queries.at(focus)?.space == picture.space {
            places.insert(focus, at: 0)
        }
        var areas: [MapArea] = []
        for place in places {
            let query = known.chronicle.spatial.queries[place]
            guard let footprint = query.footprint,
                let outline = visibleOutline(of: footprint, in: query.coordinates, picture)
            else { continue }
            let truth = place == focus ? truths.query(place, known) : nil
            if let truth { judge(truth, known, &picture) }
            let status = query.status(until: known.cursor, at: known.time)
            // What went well needs no words.
            let isNamed = place == focus || status == .unanswered || status == .late
            areas.append(
                MapArea(
                    outline: outline, style: style(of: query, isFocus: place == focus, known, context),
                    priority: place == focus ? MapPriority.focus : MapPriority.query,
                    name: isNamed ? Self.text(of: query, truth, known) : ""))
        }
        if !areas.isEmpty { picture.shown.insert(.layer(.queries)) }
        return areas
    }

    func recentQueries(_ known: Snapshot, _ space: Int) -> [Int] {
        known.chronicle.spatial.queries(
            until: known.cursor, since: known.time - Int64(Self.queryAge * 1e9), space: space, most: Self.mostQueries)
    }

    /// Recent ones fade; one without an answer does not.
    private func style(
        of query: AskedQuery, isFocus: Bool, _ known: Snapshot, _ context: PaneContext
    ) -> Style {
        switch query.status(until: known.cursor, at: known.time) {
        case .unanswered: return context.style(.mapAlert)
        case .late: return context.style(.warning)
        case .waiting, .answered:
            let age = Double(known.time - query.asked.time) / 1e9
            return context.style(isFocus || age < Self.freshAge ? .mapQuery : .dim)
        }
    }

    /// What came of a query, in few words: `RADIUS 5 in 12.4 ms, truncated, 1 missed`.
    static func text(of query: AskedQuery, _ truth: QueryTruth?, _ known: Snapshot) -> String {
        let cursor = known.cursor
        let status = query.status(until: cursor, at: known.time)
        guard let answer = query.answer(until: cursor) else {
            return query.kind + (status == .unanswered ? ": no answer" : ": waits")
        }
        let result = answer.code == .success ? "\(answer.results)" : "\(answer.code)"
        let milliseconds = query.responseTime(until: cursor).map(MapText.trimmed) ?? Format.noData
        var parts = ["\(query.kind) \(result) in \(milliseconds) ms"]
        if status == .late { parts.append("late") }
        if answer.isTruncated { parts.append("truncated") }
        if let truth, answer.code == .success {
            let (missed, extra) = (truth.count(of: .missed), truth.count(of: .extra))
            if missed > 0 { parts.append("\(missed) missed") }
            if extra > 0 { parts.append("\(extra) extra") }
            if missed + extra == 0 { parts.append("as expected") }
        }
        return parts.joined(separator: ", ")
    }

    private func judge(_ truth: QueryTruth, _ known: Snapshot, _ picture: inout Picture) {
        var places = Dictionary(truth.results.map { ($0.entity, $0.position) }, uniquingKeysWith: { first, _ in first })
        for (id, verdict) in truth.verdicts {
            let mark: MapVerdict =
                switch verdict {
                case .found: .found
                case .missed: .missed
                case .extra: .extra
                case .cut: .cut
                }
            let index = known.model.entityIndex(id, space: picture.space)
            if let place = index.flatMap({ survey.place(ofEntity: $0) }) {
                picture.verdicts.append((place.point, mark))
            } else if let position = places.removeValue(forKey: id), let point = try? plane.place(position) {
                // Known from the answer alone.
                picture.verdicts.append((SIMD2(point.x, point.y), mark))
            }
        }
    }
}
