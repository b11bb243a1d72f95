import Glibc
import Inspection
import Screen

extension MapPane {
    /// What the entities of each cell cost, octets a second, as a shade behind everything else.
    mutating func drawCost(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        let size = picture.view.size
        let time = context.snapshot.time
        if costs.count == size.area {
            for index in costs.indices { costs[index] = 0 }
        } else {
            costs = Array(repeating: 0, count: size.area)
        }
        let entities = context.snapshot.model.entities
        for place in survey.places {
            guard let cell = picture.camera.cell(place.point),
                let cost = entities[Int(place.entity)].octetsPerSecond(until: time)
            else { continue }
            costs[cell.y * size.width + cell.x] += cost
        }
        costPeak = costs.max() ?? 0
        guard costPeak > 0 else { return }
        let ramp = context.theme.density
        let signs = ShadeScale.signs(buffer.glyphs)
        let whole = log1p(costPeak)
        for y in 0..<size.height {
            for x in 0..<size.width where costs[y * size.width + x] > 0 {
                // By the logarithm, as density is: a talker must not make all others look silent.
                let share = log1p(costs[y * size.width + x]) / whole
                let at = Point(x: picture.view.x + x, y: picture.view.y + y)
                if ramp.count > 1 {
                    buffer[at] = Cell(" ", style: Style(background: Theme.step(ramp, at: share)))
                } else {
                    buffer[at] = Cell(signs[min(Int(share * Double(signs.count)), signs.count - 1)])
                }
            }
        }
        picture.shown.insert(.cost)
    }
}
