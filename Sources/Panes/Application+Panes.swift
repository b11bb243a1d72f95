import Inspection
import Screen

/// What keys do in the panes, and how the panes follow each other.
extension Application {
    mutating func performInPane(_ action: Action) -> [Effect] {
        switch focus {
        case .streams: return performInStreams(action)
        case .messages: return performInMessages(action)
        case .tree: return performInTree(action)
        case .octets:
            guard let shown = tree.map else { return [] }
            if octets.handle(action, count: shown.octets(of: octets.shownSource).count) { selectFieldOfOctet() }
        case .map:
            if action == .open, !map.takesEnter, let entity = selection.entity {
                focus = .messages
                return apply(filter: "entity == \"\(entity.id)\"")
            }
            return take(map.handle(action, context(for: .map)))
        case .state, .quality, .peers, .findings, .extensions:
            let context = context(for: focus)
            return take(withPane(focus) { $0.handle(action, context) } ?? [])
        }
        return []
    }

    /// Calls `body` with one of the panes that speak in requests; nil for the others.
    mutating func withPane<Result>(_ focus: Focus, _ body: (inout any InspectorPane) -> Result?) -> Result? {
        // Taken out and put back, so that what it keeps has one owner and need not be copied to be changed.
        guard var pane = panes.removeValue(forKey: focus) else { return nil }
        defer { panes[focus] = pane }
        return body(&pane)
    }

    /// Does what a pane asks for.
    mutating func take(_ requests: [PaneRequest]) -> [Effect] { requests.flatMap { take($0) } }

    private mutating func take(_ request: PaneRequest) -> [Effect] {
        switch request {
        case .select(let entity): return take(MapResponse.select(entity))
        case .showReplica(let replica): selection.replica = replica
        case .showSpace(let space): map.show(space: space)
        case .goTo(let message): return go(to: message)
        case .open(let message):
            focus = .tree
            isEntityChosen = false
            return go(to: message)
        case .filter(let text): return apply(filter: text)
        case .focus(let focus): self.focus = focus
        case .silence(let rules): silenced = rules
        case .notice(let text): notice = Notice(text: text)
        }
        return []
    }

    private mutating func performInStreams(_ action: Action) -> [Effect] {
        switch action {
        case .open:
            guard let filter = streams.filter(snapshot.model) else { return [] }
            focus = .messages
            return apply(filter: filter)
        case .onlyThis: return toggle(filter: streams.filter(snapshot.model))
        default: if streams.handle(action) { selection.scope = streams.scope }
        }
        return []
    }

    private mutating func performInMessages(_ action: Action) -> [Effect] {
        switch action {
        case .open:
            guard let message = messages.selected(in: snapshot) else { return [] }
            focus = .tree
            // Whoever opens a message wants to see what it tells of.
            isEntityChosen = false
            return go(to: message)
        case .onlyThis:
            return followStreamOfMessage()
        case .last where isLive && !snapshot.isAtEnd: return goToEnd()
        default: if messages.handle(action, snapshot) { showEntityOfMessage() }
        }
        return []
    }

    private mutating func performInTree(_ action: Action) -> [Effect] {
        if action == .onlyThis {
            if tree.filter == nil { notice = Notice(text: "This field has no value that a filter could compare.") }
            return toggle(filter: tree.filter)
        }
        if tree.handle(action) { showField() }
        return []
    }

    /// Puts a filter in force, or takes it back when it is.
    mutating func toggle(filter: String?) -> [Effect] {
        guard let filter else { return [] }
        return apply(filter: filter == filterText ? "" : filter)
    }

    mutating func take(_ response: MapResponse) -> [Effect] {
        switch response {
        case .ignored, .handled: return []
        case .select(let entity):
            selection.entity = entity
            isEntityChosen = entity != nil
            return []
        case .ask(let requests): return take(requests)
        }
    }

    /// The map shows what the selected message tells of, unless something was chosen there.
    mutating func showEntityOfMessage() {
        guard !isEntityChosen, !messages.isFollowing, let message = messages.selected(in: snapshot) else { return }
        selection.entity = messages.onlyEntity(of: message, snapshot)
    }

    /// Quality shows the stream on which the entity that was chosen was heard last; without one what Streams has selected.
    mutating func showQualityOfEntity() {
        let chosen = isEntityChosen ? selection.entity : nil
        guard chosen != entityInQuality else { return }
        entityInQuality = chosen
        selection.scope = streams.scope
        if let chosen, let space = snapshot.model.spaceIndex(chosen.space),
            let entity = snapshot.model.entityIndex(chosen.id, space: space)
        {
            selection.scope = .stream(snapshot.model.entities[entity].stream)
        }
    }

    // MARK: Fields and octets

    mutating func showField() {
        if let shown = tree.map, shown.fields.indices.contains(tree.field) { octets.show(shown.fields[tree.field]) }
    }

    mutating func selectFieldOfOctet() {
        guard let shown = tree.map, let field = shown.innermostField(at: octets.cursor, in: octets.shownSource) else {
            return
        }
        tree.select(field: field)
    }
}
