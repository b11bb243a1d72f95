import Inspection
import Screen

/// Rates, delays and losses over time.
package struct QualityPane: InspectorPane {
    package static let keys: [KeyBinding] = []

    package static let help = ["Rates, delays and losses over time."]

    package init() {}

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        buffer.drawBox(
            area, style: context.borderStyle, title: PaneKind.quality.heading, titleStyle: context.titleStyle)
        EmptyPane.draw(into: &buffer, area.inset(), context, EmptyPane.reasonForNoMessages(context.snapshot))
    }

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? { nil }

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] { [] }
}
