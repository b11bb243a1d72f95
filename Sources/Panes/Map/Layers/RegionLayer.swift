import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// The bounds of the space and its regions, as far as they come into view.
    func regionAreas(_ picture: inout Picture, _ context: PaneContext) -> [MapArea] {
        guard layers.contains(.regions) else { return [] }
        let space = context.snapshot.model.spaces[picture.space]
        var bounds: [MapArea] = []
        if let volume = space.info?.bounds, let outline = plane.outline(of: volume) {
            bounds.append(MapArea(outline: outline, style: context.style(.mapScale), priority: MapPriority.bounds))
            picture.shown.insert(.bounds)
        }
        var regions: [MapArea] = []
        for region in space.regions.values {
            // The layer of frusta says more of them.
            if case .frustum = region.bounds, layers.contains(.frusta) { continue }
            guard let outline = visibleOutline(of: region.bounds, in: nil, picture) else { continue }
            regions.append(
                MapArea(
                    outline: outline, style: context.style(.mapRegion), priority: MapPriority.region,
                    name: name(of: region, picture.space, context)))
        }
        if !regions.isEmpty { picture.shown.insert(.layer(.regions)) }
        // A dictionary has another order in every run, and the first names get the room.
        return bounds + regions.sorted { $0.name < $1.name }
    }

    func name(of region: BoundUpdate, _ space: Int, _ context: PaneContext) -> String {
        let model = context.snapshot.model
        if let id = region.entityID, let index = model.entityIndex(id, space: space) {
            return "region of " + model.label(of: model.entities[index])
        }
        return "region " + String(region.regionID.description.prefix(8))
    }
}
