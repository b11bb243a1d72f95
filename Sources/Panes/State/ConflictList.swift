import Inspection
import Screen
import SpatioWire

/// The conflicts of a space, and the selected one read again.
struct ConflictList {
    var list = ListState()
    var height = 1
    var top = 0
    private(set) var count = 0
    /// The message that was read, and what it says.
    private var message: Int?
    private(set) var resolution: ConflictResolve?
    private(set) var reading: ConflictReading?
    /// The selection goes with the newest conflict until it is moved.
    private var isFollowing = true

    mutating func update(count: Int, height: Int) {
        self.count = count
        self.height = height
        if isFollowing { list.selected = count - 1 }
        list.settle(count: count, height: height)
    }

    /// Reads the message of the selected conflict, unless it is that of the frame before.
    mutating func read(_ conflict: StateConflict, _ snapshot: Snapshot) {
        guard conflict.message != message || resolution == nil else { return }
        message = conflict.message
        resolution = nil
        reading = nil
        guard case .conflictResolve(let resolution)? = snapshot.payload(of: conflict.message - 1)?.payload else {
            return
        }
        self.resolution = resolution
        reading = ConflictReading(resolution)
    }

    mutating func move(_ action: Action) -> Bool {
        guard list.move(action, count: count, height: height) else { return false }
        isFollowing = list.selected == count - 1
        return true
    }

    mutating func step(by step: Int) {
        list.selected = max(0, min(list.selected + step, count - 1))
        isFollowing = list.selected == count - 1
    }

    mutating func scroll(by amount: Int) {
        list.scroll(by: amount, count: count, height: height)
        isFollowing = list.selected == count - 1
    }

    /// Selects the row under a point; false where there is none.
    mutating func click(_ point: Point) -> Bool {
        let row = list.top + point.y - top
        guard point.y >= top, point.y < top + height, row < count else { return false }
        list.selected = row
        isFollowing = row == count - 1
        return true
    }
}
