import SpatioSession
import SpatioWire

/// What is kept of one extension.
struct ExtensionRecord: Sendable {
    struct Registration: Sendable {
        var number: Int
        var time: Int64
        var source: PeerSource
        var manifest: ExtensionManifest
        var octets: Int
    }

    struct Offer: Sendable {
        var number: Int
        var session: Int
        var side: Direction
        var version: SemanticVersion
    }

    var id: UInt16
    /// The first message that speaks of it.
    var number: Int
    /// Manifests that differ from the one before or come from somebody else.
    var registrations: [Registration] = []
    var offers: [Offer] = []
    /// The highest version that anybody has, whenever it grew.
    var versions: [(number: Int, version: SemanticVersion)] = []
    /// Its data, as header of any message and as the payload of EXTENSION.
    var headers = TrafficLog()
    var messages = TrafficLog()
    var misfits = TrafficLog()
    /// Why data did not fit, whenever that was another reason.
    var reasons: [(number: Int, text: String)] = []

    mutating func note(_ version: SemanticVersion, number: Int) {
        if let highest = versions.last?.version, highest >= version { return }
        // A version grows at most so often that nobody reads the list any more.
        if versions.count < ExtensionChronicle.Limits.registrations { versions.append((number, version)) }
    }
}

/// Extensions with their manifests, offers and traffic.
package struct ExtensionChronicle: Sendable {
    /// What a flood of invented extensions can make us keep.
    package enum Limits {
        package static let extensions = 4_096
        /// Manifests, versions and reasons of one extension; the oldest manifests go.
        package static let registrations = 64
        /// Octets of all manifests.
        package static let manifestOctets = 4 << 20
        /// Offers of all sessions; each handshake makes two for each extension. The oldest go.
        package static let offers = 65_536
    }

    var records: [ExtensionRecord] = []
    private var places: [UInt16: Int] = [:]
    private var manifestOctets = 0
    private var offerCount = 0
    /// What was over a limit and is not followed.
    package private(set) var overflow = 0

    package init() {}

    /// Messages until this one are gone from the index.
    mutating func forget(before message: Int) {
        for place in records.indices {
            records[place].headers.forget(before: message)
            records[place].messages.forget(before: message)
            records[place].misfits.forget(before: message)
        }
    }

    func record(_ id: UInt16) -> ExtensionRecord? { places[id].map { records[$0] } }

    // MARK: Writing

    mutating func register(
        _ manifest: ExtensionManifest, octets: Int, from source: PeerSource, number: Int, time: Int64
    ) {
        guard let place = place(of: manifest.id, number: number) else { return }
        records[place].note(manifest.version, number: number)
        if let last = records[place].registrations.last, last.manifest == manifest, last.source == source { return }
        if records[place].registrations.count >= Limits.registrations {
            manifestOctets -= records[place].registrations.removeFirst().octets
            overflow += 1
        }
        guard manifestOctets + octets <= Limits.manifestOctets else {
            overflow += 1
            return
        }
        manifestOctets += octets
        records[place].registrations.append(
            ExtensionRecord.Registration(
                number: number, time: time, source: source, manifest: manifest, octets: octets))
    }

    mutating func offer(_ offers: [ExtensionOffer], session: Int, side: Direction, number: Int) {
        for offer in offers {
            guard let place = place(of: offer.extensionID, number: number) else { continue }
            records[place].note(offer.version, number: number)
            if offerCount >= Limits.offers { forgetOffers() }
            offerCount += 1
            records[place].offers.append(
                ExtensionRecord.Offer(number: number, session: session, side: side, version: offer.version))
        }
    }

    /// The older half.
    private mutating func forgetOffers() {
        let numbers = records.flatMap { $0.offers.map(\.number) }.sorted()
        let bound = numbers[numbers.count / 2]
        for place in records.indices { records[place].offers.removeAll { $0.number <= bound } }
        offerCount = records.reduce(0) { $0 + $1.offers.count }
        overflow += numbers.count - offerCount
    }

    /// Data of an extension.
    mutating func carry(
        _ header: ExtensionHeader, isPayload: Bool, misfit: DecodeError?, number: Int, time: Int64
    ) {
        guard let place = place(of: header.extensionID, number: number) else { return }
        if isPayload {
            records[place].messages.add(number: number, time: time, octets: header.data.count)
        } else {
            records[place].headers.add(number: number, time: time, octets: header.data.count)
        }
        guard let misfit else { return }
        records[place].misfits.add(number: number, time: time, octets: header.data.count)
        let reason = misfit.description
        if records[place].reasons.last?.text != reason, records[place].reasons.count < Limits.registrations {
            records[place].reasons.append((number, reason))
        }
    }

    private mutating func place(of id: UInt16, number: Int) -> Int? {
        if let known = places[id] { return known }
        guard records.count < Limits.extensions else {
            overflow += 1
            return nil
        }
        records.append(ExtensionRecord(id: id, number: number))
        places[id] = records.count - 1
        return records.count - 1
    }
}
