import SpatioSession
import SpatioWire

extension ExtensionChronicle {
    /// An extension, as of some message.
    package struct Extension: Sendable {
        package var id: UInt16
        /// As it was registered in band last.
        package var manifest: ExtensionManifest?
        /// How often that was something new, or by somebody else.
        package var registrations: Int
        /// How often a handshake named it.
        package var offers: Int
        /// Messages that carry it in a header, and those that are nothing but it; octets of its data.
        package var headers, messages: Traffic
        /// Data that did not fit the structure that was known then.
        package var misfits: Int
        /// Why the last such data did not fit.
        package var reason: String?

        package struct Traffic: Sendable {
            package var count = 0
            package var octets: UInt64 = 0
            /// Octets a second over the last 4 seconds; nil where there is no such time.
            package var octetsPerSecond: Double?
            /// The last one: number from 1, and capture time.
            package var last: (number: Int, time: Int64)?
        }

        package var octets: UInt64 { headers.octets + messages.octets }
        package var octetsPerSecond: Double? {
            guard headers.octetsPerSecond != nil || messages.octetsPerSecond != nil else { return nil }
            return (headers.octetsPerSecond ?? 0) + (messages.octetsPerSecond ?? 0)
        }
    }

    /// A manifest as somebody sent it.
    package struct Registration: Sendable {
        package var number: Int
        package var time: Int64
        package var source: PeerSource
        package var manifest: ExtensionManifest
    }

    /// What the two sides of a session say of an extension in their handshake.
    package struct Negotiation: Sendable {
        /// Index in the model.
        package var session: Int
        package var client, server: SemanticVersion?

        /// The lower version, where both have it.
        package var agreed: SemanticVersion? {
            guard let client, let server else { return nil }
            return min(client, server)
        }
    }

    /// How a dependency is met.
    package enum DependencyState: Equatable, Sendable {
        /// By this version; nil where what is there has none.
        case met(SemanticVersion?)
        case tooOld(SemanticVersion)
        case missing

        package var isUnmet: Bool { if case .met = self { false } else { true } }
    }

    /// Everything that was spoken of when so many messages had passed, in that order.
    package func extensions(until cursor: Int, time: Int64) -> [Extension] {
        records[..<records.prefixCount { $0.number <= cursor }].map { record in
            let registrations = record.registrations.prefixCount { $0.number <= cursor }
            let reasons = record.reasons.prefixCount { $0.number <= cursor }
            return Extension(
                id: record.id, manifest: registrations > 0 ? record.registrations[registrations - 1].manifest : nil,
                registrations: registrations, offers: record.offers.prefixCount { $0.number <= cursor },
                headers: Self.traffic(record.headers, cursor, time),
                messages: Self.traffic(record.messages, cursor, time),
                misfits: record.misfits.latest(until: cursor)?.messages ?? 0,
                reason: reasons > 0 ? record.reasons[reasons - 1].text : nil)
        }
    }

    private static func traffic(_ log: TrafficLog, _ cursor: Int, _ time: Int64) -> Extension.Traffic {
        guard let latest = log.latest(until: cursor) else { return Extension.Traffic() }
        return Extension.Traffic(
            count: latest.messages, octets: latest.octets,
            octetsPerSecond: log.perSecond(until: cursor, time: time)?.octets,
            last: (latest.number, latest.time))
    }

    /// The manifests of an extension, in order.
    package func registrations(of id: UInt16, until cursor: Int) -> [Registration] {
        guard let record = record(id) else { return [] }
        return record.registrations[..<record.registrations.prefixCount { $0.number <= cursor }].map {
            Registration(number: $0.number, time: $0.time, source: $0.source, manifest: $0.manifest)
        }
    }

    /// What the sessions say of an extension, the latest handshake of each side; in the order of the sessions.
    ///
    /// - Parameter model: where it is given, what was said in a session that another one has taken the place of is left out.
    package func negotiations(of id: UInt16, until cursor: Int, in model: Model? = nil) -> [Negotiation] {
        guard let record = record(id) else { return [] }
        var bySession: [Int: Negotiation] = [:]
        for offer in record.offers[..<record.offers.prefixCount { $0.number <= cursor }] {
            if let model, model.session(offer.session, toldBy: offer.number) == nil { continue }
            var negotiation = bySession[offer.session] ?? Negotiation(session: offer.session)
            if offer.side == .client { negotiation.client = offer.version } else { negotiation.server = offer.version }
            bySession[offer.session] = negotiation
        }
        return bySession.values.sorted { $0.session < $1.session }
    }

    /// Whether somebody has what a manifest asks for, in that version or a later one. What was registered or offered in
    /// band says so; of what nobody spoke of, the reader's configuration, and at last the protocol's own registry.
    package func state(
        of dependency: ExtensionOffer, until cursor: Int, configured: [UInt16: ExtensionManifest]
    ) -> DependencyState {
        let id = dependency.extensionID
        let known = version(of: id, until: cursor) ?? configured[id]?.version ?? ExtensionID.registered(id)?.version
        guard let known else { return ExtensionID.name(id) == nil ? .missing : .met(nil) }
        return known >= dependency.version ? .met(known) : .tooOld(known)
    }

    /// The highest version that somebody registered or offered.
    private func version(of id: UInt16, until cursor: Int) -> SemanticVersion? {
        guard let record = record(id) else { return nil }
        let count = record.versions.prefixCount { $0.number <= cursor }
        return count > 0 ? record.versions[count - 1].version : nil
    }
}
