import Inspection
import Screen
package enum MapResponse { case ignored, handled, select(SelectedEntity?) }
package struct MapPane { package init() {}
    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) { buffer.drawBox(area, style: context.borderStyle, title: "3 Map") }
    package mutating func handle(_ action: Action, _ context: PaneContext) -> MapResponse { .ignored }
    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> MapResponse { .ignored }
    package static var help: String { "" } }
