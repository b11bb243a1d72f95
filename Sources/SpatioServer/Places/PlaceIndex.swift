import SpatioSession
import SpatioWire

/// Where an entity is, as it was told last.
struct Place: Sendable {
    var entity: EntityUpdate
    /// Metres, and 0...1, of the address that came with it.
    var precision: Float
    var confidence: Float
    /// The session that speaks for it; nil: the server's own, or left behind by nobody.
    var owner: SessionHandle?
    /// It was planned: it stays when its owner leaves.
    var isFixture: Bool
    /// The number of its last change among all of the space: of two changes the later one has the higher.
    fileprivate(set) var revision: UInt64 = 0
    fileprivate var cell: Int32 = 0
    /// Where it stands among the members of its cell.
    fileprivate var member: Int32 = 0

    init(entity: EntityUpdate, precision: Float, confidence: Float, owner: SessionHandle?, isFixture: Bool) {
        self.entity = entity
        self.precision = precision
        self.confidence = confidence
        self.owner = owner
        self.isFixture = isFixture
    }
}

/// All places of a space, found by entity and by where they are.
///
/// A uniform grid over the ground: nearly all that happens is that an entity moves a little, which leaves it in its cell
/// and costs the same however many there are. A tree would have to be mended for every step. Only cells in which
/// somebody is take memory, so that a space needs no bounds.
struct PlaceIndex: Sendable {
    private struct Cell: Sendable {
        var key: UInt64
        var members: [Int32] = []
        /// The last change of anybody who was in it then.
        var revision: UInt64 = 0
    }

    /// Metres, or degrees, along an edge of a cell.
    let edge: Double
    private(set) var revision: UInt64 = 0
    private var places: [Place?] = []
    private var free: [Int32] = []
    private var slots: [UUID: Int32] = [:]
    private var cells: [Cell] = []
    private var freeCells: [Int32] = []
    private var cellNumbers: [UInt64: Int32] = [:]

    init(edge: Double) { self.edge = edge }

    var count: Int { slots.count }

    func slot(of entityID: UUID) -> Int? { slots[entityID].map(Int.init) }

    /// The place in a slot that some of the other functions gave and that is still taken.
    subscript(slot: Int) -> Place? { places.indices.contains(slot) ? places[slot] : nil }

    // MARK: Changing

    /// Puts an entity where it is now; returns its slot.
    @discardableResult
    mutating func put(_ place: Place) -> Int {
        revision += 1
        let key = key(place.entity.position)
        if let slot = slots[place.entity.entityID] {
            return replace(Int(slot), with: place, key)
        }
        var place = place
        place.revision = revision
        let slot = free.popLast() ?? Int32(places.count)
        if Int(slot) == places.count { places.append(nil) }
        places[Int(slot)] = place
        slots[place.entity.entityID] = slot
        enter(key, slot)
        return Int(slot)
    }

    private mutating func replace(_ slot: Int, with place: Place, _ key: UInt64) -> Int {
        guard let old = places[slot] else { return slot }
        var place = place
        place.revision = revision
        place.cell = old.cell
        place.member = old.member
        places[slot] = place
        if cells[Int(old.cell)].key == key {
            cells[Int(old.cell)].revision = revision
        } else {
            leave(old)
            enter(key, Int32(slot))
        }
        return slot
    }

    /// Nobody speaks for it any more; it stays.
    mutating func release(_ slot: Int) { places[slot]?.owner = nil }

    mutating func remove(_ slot: Int) {
        guard let place = self[slot] else { return }
        leave(place)
        places[slot] = nil
        free.append(Int32(slot))
        slots[place.entity.entityID] = nil
    }

    private mutating func enter(_ key: UInt64, _ slot: Int32) {
        let number: Int32
        if let known = cellNumbers[key] {
            number = known
        } else {
            number = freeCells.popLast() ?? Int32(cells.count)
            if Int(number) == cells.count { cells.append(Cell(key: key)) }
            cells[Int(number)].key = key
            cellNumbers[key] = number
        }
        places[Int(slot)]?.cell = number
        places[Int(slot)]?.member = Int32(cells[Int(number)].members.count)
        cells[Int(number)].members.append(slot)
        cells[Int(number)].revision = revision
    }

    /// Takes an entity out of its cell; the last member comes to stand where it stood.
    private mutating func leave(_ place: Place) {
        let number = Int(place.cell)
        let last = cells[number].members.removeLast()
        if Int(place.member) < cells[number].members.count {
            cells[number].members[Int(place.member)] = last
            places[Int(last)]?.member = place.member
        }
        if cells[number].members.isEmpty {
            cellNumbers[cells[number].key] = nil
            freeCells.append(place.cell)
        }
    }

    // MARK: Finding

    /// Calls `body` with the slots of all that can be within a footprint, and of some beside it. `body` returns false to
    /// end it.
    /// - Parameters:
    ///   - revision: cells where nothing changed since are left out
    /// - Returns: whether every cell was gone through, because the footprint is larger than all that is taken
    @discardableResult
    func visit(_ footprint: Footprint, since revision: UInt64 = 0, _ body: (Int, Place) -> Bool) -> Bool {
        let columns = column(footprint.minimumX)...max(column(footprint.minimumX), column(footprint.maximumX))
        let rows = column(footprint.minimumY)...max(column(footprint.minimumY), column(footprint.maximumY))
        let wide = Int64(columns.upperBound) - Int64(columns.lowerBound) + 1
        let high = Int64(rows.upperBound) - Int64(rows.lowerBound) + 1
        // Both are at most 2^32: the product may not fit.
        guard wide <= Int64(cellNumbers.count), wide * high <= Int64(cellNumbers.count) else {
            for cell in cells where !cell.members.isEmpty && cell.revision > revision {
                guard visit(cell, body) else { return true }
            }
            return true
        }
        for column in columns {
            for row in rows {
                guard let number = cellNumbers[Self.key(column, row)] else { continue }
                guard cells[Int(number)].revision > revision else { continue }
                guard visit(cells[Int(number)], body) else { return false }
            }
        }
        return false
    }

    @inline(__always)
    private func visit(_ cell: Cell, _ body: (Int, Place) -> Bool) -> Bool {
        for slot in cell.members {
            guard let place = places[Int(slot)] else { continue }
            if !body(Int(slot), place) { return false }
        }
        return true
    }

    private func key(_ position: Vector3) -> UInt64 { Self.key(column(position.x), column(position.y)) }

    private static func key(_ column: Int32, _ row: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: column)) << 32 | UInt64(UInt32(bitPattern: row))
    }

    /// What is too far out for a number stands in the last column.
    private func column(_ coordinate: Double) -> Int32 {
        let column = (coordinate / edge).rounded(.down)
        if column >= Double(Int32.max) { return .max }
        return column <= Double(Int32.min) ? .min : Int32(column)
    }
}
