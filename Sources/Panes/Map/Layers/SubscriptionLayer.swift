import Inspection
import Screen
import SpatioSession
import SpatioWire

extension MapPane {
    /// The bounds of every subscription to the space; the one that is looked at says how it is served.
    mutating func subscriptionAreas(_ picture: inout Picture, _ context: PaneContext) -> [MapArea] {
        guard layers.contains(.subscriptions) else { return [] }
        let focus = focusedSubscription(picture.known, context)
        var areas: [MapArea] = []
        for place in truths.holding {
            let subscription = picture.known.chronicle.spatial.subscriptions[place]
            guard place == focus || areas.count < Self.mostAreas,
                let outline = visibleOutline(of: subscription.bounds, in: subscription.coordinates, picture)
            else { continue }
            let who = Self.who(
                subscription.session, subscription.subscriber, toldBy: subscription.begun.message, picture.known.whole)
            guard place == focus else {
                areas.append(
                    MapArea(
                        outline: outline, style: context.style(.dim), priority: MapPriority.subscription, name: who))
                continue
            }
            let truth = truths.subscription(place, picture.known)
            judge(truth, &picture, context)
            areas.append(
                MapArea(
                    outline: outline, style: context.style(.mapSubscription), priority: MapPriority.focus,
                    name: "\(who): \(Self.text(of: truth))"))
        }
        if !areas.isEmpty { picture.shown.insert(.layer(.subscriptions)) }
        // The one that is looked at gets its name first.
        return areas.sorted { $0.priority > $1.priority }
    }

    /// The subscription that was chosen, while it holds; else that of the selected entity, else the first.
    func focusedSubscription(_ known: Snapshot, _ context: PaneContext) -> Int? {
        if let subscription, truths.holding.contains(subscription) { return subscription }
        let selected = context.selection.entity.flatMap { entity in
            truths.holding.first { place in
                let subscription = known.chronicle.spatial.subscriptions[place]
                return known.whole.session(subscription.session, toldBy: subscription.begun.message)?.clientID
                    == entity.id
            }
        }
        return selected ?? truths.holding.first
    }

    /// How a subscription is served, in few words: `4.9 of 5/s, 2 silent, 1 outside`.
    static func text(of truth: SubscriptionTruth) -> String {
        let wanted = MapText.trimmed(truth.wantedRate)
        var parts = ["\(truth.rate.map(MapText.trimmed) ?? Format.noData) of \(wanted)/s"]
        if truth.silent > 0 { parts.append("\(truth.silent) silent") }
        if truth.outside > 0 { parts.append("\(truth.outside) outside") }
        if !truth.isSettled { parts.append("too early to judge") }
        return parts.joined(separator: ", ")
    }

    /// What one end of a session is called.
    ///
    /// - Parameter message: that speaks of the session.
    static func who(_ session: Int, _ side: Direction, toldBy message: Int = .max, _ model: Model) -> String {
        guard let known = model.session(session, toldBy: message) else { return "somebody gone" }
        let client = known.clientLabel
        return side == .client ? client : "server for \(client)"
    }

    private func judge(_ truth: SubscriptionTruth, _ picture: inout Picture, _ context: PaneContext) {
        for (entity, verdict) in truth.verdicts {
            guard let place = survey.place(ofEntity: entity) else { continue }
            let mark: MapVerdict =
                switch verdict {
                case .heard: .heard
                case .silent: .silent
                case .outside: .outside
                }
            picture.verdicts.append((place.point, mark))
        }
    }
}
