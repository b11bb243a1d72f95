import SpatioServer
import SpatioSession

extension SpaceHost: ServerMachine {
    public mutating func close(reason: String, at now: Moment) { close(at: now) }
}
