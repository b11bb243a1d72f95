import Capture
import SpatioWire

/// What a simulated capture holds, exactly: what an inspector of the file has to find.
package struct SimulationReport: Sendable {
    /// Packets in the file, those that are not Spatio's included.
    package var packets = 0
    /// Well-formed messages in the file, each copy counted.
    package var messages = 0
    /// Messages in the file that are malformed.
    package var malformed = 0
    /// Lines of a key log; nil where nothing is sealed or signed.
    package var keyLog: String?
    /// By source, destination, stream and origin.
    package var streams: [StreamTruth] = []
    /// By space and id: every entity that a captured SPATIAL_UPDATE or the state of a space names.
    package var entities: [EntityTruth] = []
    /// By id.
    package var spaces: [SpaceTruth] = []
    /// What is wrong with the versions of `versions`, from 8 s on and without further impairments; nil elsewhere.
    package var versions: VersionTruth?
    /// How often peers did what they should not, by the name of the rule that finds it; where the scenario has it.
    package var misconduct: [String: Int] = [:]

    package var lost: Int { streams.reduce(0) { $0 + $1.lost } }
    package var duplicates: Int { streams.reduce(0) { $0 + $1.duplicates } }
    package var reordered: Int { streams.reduce(0) { $0 + $1.reordered } }
    package var retransmits: Int { streams.reduce(0) { $0 + $1.retransmits } }
}

/// One direction of one session (or of one source towards a multicast group) with one stream id, as captured.
package struct StreamTruth: Hashable, Sendable {
    package var source, destination: Endpoint
    package var transport: Transport
    package var streamID: UInt32
    /// Of a mirrored stream: the session and direction that it has by its `origin`.
    package var origin: UUID?
    package var originDirection: OriginDirection?
    /// Messages captured, each copy counted, and their octets.
    package var messages = 0
    package var octets = 0
    /// Sequences between the lowest and the highest captured that never were.
    package var lost = 0
    /// Sequences captured again without RETRANSMIT.
    package var duplicates = 0
    /// First arrivals below the highest sequence before them; a retransmission that fills a hole is one.
    package var reordered = 0
    /// Messages with RETRANSMIT.
    package var retransmits = 0
    /// Those of them that were the first with their sequence: what was lost before the capture point and repaired.
    package var recovered = 0
}

/// What is known of one entity when the capture ends.
package struct EntityTruth: Hashable, Sendable {
    package var spaceID: UUID
    package var entityID: UUID
    /// The `name` of its state.
    package var name: String?
    /// Its updates in captured messages, each message counted once.
    package var updates = 0
    /// As in its last update, in that update's coordinate system; nil where there was none.
    package var position: Vector3?
    package var coordinateSystem: CoordinateSystem?
    /// Its fields in the last version of its space's state; nil where the state does not name it.
    package var state: [String: Value]?
    package var entityVersion: UInt64?
}

package struct SpaceTruth: Hashable, Sendable {
    package var spaceID: UUID
    package var name: String
    package var stateVersion: UInt64
    /// Entities in its state.
    package var entities: Int
    /// Conflicts that were resolved.
    package var conflicts: Int
}

/// How often something was wrong with the versions that replicas got.
package struct VersionTruth: Hashable, Sendable {
    package var gaps: Int
    package var regressions: Int
    package var forks: Int
    package var divergences: Int
    package var brokenChains: Int
    package var conflicts: Int
}
