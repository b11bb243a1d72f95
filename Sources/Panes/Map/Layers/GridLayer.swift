import Screen

extension MapPane {
    mutating func drawGrid(_ picture: inout Picture, _ context: PaneContext) {
        let color = context.style(.mapGrid).foreground
        let step: Double
        switch plane {
        case .metric:
            step = Grid.step(picture.camera)
            for line in Grid.lines(picture.camera, step: step) { drawDotted(line, picture, color) }
        case .tangent(let tangent):
            step = Grid.degreeStep(picture.camera)
            for line in Grid.graticule(picture.camera, tangent, step: step) { drawDotted(line, picture, color) }
        }
        picture.gridStep = step
        picture.shown.insert(.layer(.grid))
    }

    /// One dot a cell or two, so that the grid stays behind everything; counted from the start of the line, which is fixed
    /// in space, so that the dots move with the view.
    private mutating func drawDotted(_ line: Grid.Line, _ picture: Picture, _ color: Color) {
        let start = picture.dots(line.start, on: canvas)
        let end = picture.dots(line.end, on: canvas)
        let across = end.x - start.x
        let down = end.y - start.y
        let length = max(abs(across), abs(down))
        // A line that is much longer than the screen comes from nowhere on it.
        guard length < Grid.longest else { return }
        for distance in stride(from: 0, through: length, by: Grid.dotSpacing) {
            let share = length > 0 ? distance / length : 0
            canvas.set(start.x + across * share, start.y + down * share, color: color, priority: MapPriority.grid)
        }
    }
}
