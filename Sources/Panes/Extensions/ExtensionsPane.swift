import Inspection
import Screen

/// Extensions: what they are, what they need, who offers them, and what their data says.
package struct ExtensionsPane: InspectorPane {
    package static let keys: [KeyBinding] = [
        KeyBinding([.enter], .open, .extensions, "the messages that carry the extension", hint: "its messages"),
        KeyBinding(["f"], .onlyThis, .extensions, "the same, staying here; f again shows all"),
        KeyBinding(
            [" "], .toggleDetails, .extensions, "its fields and who has it on the whole pane, and back",
            hint: "details"),
        KeyBinding(["s"], .sortNext, .extensions, "sort by the next column", hint: "sort"),
        KeyBinding(["S"], .sortReverse, .extensions, "reverse the order"),
    ]

    package static let help = [
        "Extensions that a handshake offered, a manifest registered or a message carried until the clock, and those of",
        "the file given with --extensions. Below the list: what is known of the selected one.",
        "needs: the extensions that it depends on. unmet: nobody registered or offered it; too old: in no version as new.",
        "fields: of its data; profile: the protocol's profile says how it is laid out. misfits: data that was otherwise.",
        "messages, kB/s: those that carry it in a header or are nothing but it, and its data over the last 4 seconds.",
        "source: file (yours goes before what the network says), wire (a manifest), profile; - where nobody has said.",
    ]

    private var sort = ExtensionListing.Sort.order
    private var isReversed = false
    private var list = ListingView()
    private var listing = ExtensionListing()
    /// What the listing was made from.
    private var basis: [Int] = []

    package init() {}

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        update(context.snapshot)
        let order = sort != .order || isReversed ? "by \(sort.title)\(isReversed ? " reversed" : "")" : ""
        let unmet = listing.unmet > 0 ? "\(StatusLine.plural(listing.unmet, "unmet need"))" : ""
        buffer.drawBox(
            area, style: context.borderStyle, title: PaneKind.extensions.heading, titleStyle: context.titleStyle,
            trailing: [unmet, order].filter { !$0.isEmpty }.joined(separator: "  "),
            trailingStyle: context.style(unmet.isEmpty ? .dim : .warning))
        let inside = area.inset()
        guard listing.count > 0 else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(context.snapshot))
            return
        }
        list.draw(listing, into: &buffer, inside, context)
    }

    private mutating func update(_ snapshot: Snapshot) {
        let basis = [snapshot.cursor, snapshot.index.count, Int(snapshot.time), sort.rawValue, isReversed ? 1 : 0]
        guard basis != self.basis else { return }
        self.basis = basis
        listing = ExtensionListing(snapshot, sort: sort, isReversed: isReversed)
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if snapshot.index.isEmpty { return EmptyPane.reasonForNoMessages(snapshot) }
        if let words = EmptyPane.wordsOfConnection(snapshot) { return words }
        if snapshot.cursor == 0 { return ["Nothing yet at this time.", "] steps on, > goes to the end."] }
        return [
            "No extension was offered, registered or used.",
            "CONNECT, EXTENSION and extension headers tell of them; --extensions FILE gives your own.",
        ]
    }

    // MARK: Keys and mouse

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        update(context.snapshot)
        list.settle(listing)
        switch action {
        case .sortNext: sort = ExtensionListing.Sort(rawValue: sort.rawValue + 1) ?? .order
        case .sortReverse: isReversed.toggle()
        case .toggleDetails: list.toggleDetails()
        case .open: return filter(context).map { [.filter($0), .focus(.messages)] } ?? Self.nothing
        case .onlyThis:
            guard let filter = filter(context) else { return Self.nothing }
            return [.filter(context.snapshot.filter?.filter.text == filter ? "" : filter)]
        default: return list.move(action) ? [] : nil
        }
        return []
    }

    private static let nothing: [PaneRequest] = [.notice("No message carries this extension.")]

    private func filter(_ context: PaneContext) -> String? {
        list.selectedRow.flatMap { $0 < listing.count ? listing.filter($0, context) : nil }
    }

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] {
        list.handle(mouse)
        return []
    }
}
