import SpatioSession
import SpatioWire

/// Extensions that the plan or clients have registered, and those that every server knows.
struct ManifestTable: Sendable {
    private struct Entry: Sendable {
        var manifest: ExtensionManifest
        /// Nil: the plan.
        var owner: SessionHandle?
    }

    private var entries: [UInt16: Entry] = [:]

    /// Of one client: an application has a few.
    static let limitPerOwner = 32
    /// Octets of one: it says some hundred.
    static let octetLimit = 4096

    func manifest(_ id: UInt16) -> ExtensionManifest? { entries[id]?.manifest }

    /// What the server agrees to of what a client offers; nil: it knows nothing of it.
    func offer(_ id: UInt16) -> ExtensionOffer? {
        if let manifest = entries[id]?.manifest ?? ExtensionID.registered(id) {
            return ExtensionOffer(extensionID: id, version: manifest.version)
        }
        return ExtensionID.all.contains(id)
            ? ExtensionOffer(extensionID: id, version: SemanticVersion(1, 0, 0)) : nil
    }

    /// In the order of their numbers.
    var all: [ExtensionManifest] { entries.values.map(\.manifest).sorted { $0.id < $1.id } }

    /// False: it is the plan's, another client's, the profile's own, or there are too many.
    @discardableResult
    mutating func register(_ manifest: ExtensionManifest, by owner: SessionHandle?) -> Bool {
        guard ExtensionID.name(manifest.id) == nil else { return false }
        if let old = entries[manifest.id] {
            guard owner != nil, old.owner == owner else { return false }
        } else if owner != nil {
            guard entries.values.count(where: { $0.owner == owner }) < Self.limitPerOwner else { return false }
        }
        guard owner == nil || manifest.encoded().count <= Self.octetLimit else { return false }
        entries[manifest.id] = Entry(manifest: manifest, owner: owner)
        return true
    }

    mutating func forget(_ owner: SessionHandle) {
        entries = entries.filter { $0.value.owner != owner }
    }
}
