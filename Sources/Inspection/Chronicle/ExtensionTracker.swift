import SpatioSession
import SpatioWire

/// Follows the messages that write the extension chronicle.
///
/// A manifest that asks for what is not there is a finding at once, and once: whoever registers extensions begins with
/// those that the others need. What comes later mends the dependency in the views, but not what was so.
struct ExtensionTracker {
    private struct Lack: Hashable {
        var id: UInt16
        var dependency: ExtensionOffer
    }

    /// Lacks that are remembered, so that none is found twice.
    private static let lackLimit = 4_096

    private var lacks: Set<Lack> = []

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout ExtensionChronicle
    ) {
        guard let header = outcome.header, outcome.payload != nil || header.flags.contains(.extensions),
            let source = PeerSource(arrival, outcome, model)
        else { return }
        let (number, time) = (arrival.number, arrival.time)
        if header.flags.contains(.extensions), let envelope = try? Envelope.decode(arrival.octets) {
            for header in envelope.extensions {
                chronicle.carry(
                    header, isPayload: false, misfit: model.schemas.misfit(header), number: number, time: time)
            }
        }
        switch outcome.payload {
        case .connect(let connect):
            chronicle.offer(connect.extensions, session: source.session, side: source.direction, number: number)
        case .connectAck(let ack) where ack.code == .success:
            chronicle.offer(ack.extensions, session: source.session, side: source.direction, number: number)
        case .extension(let header):
            chronicle.carry(
                header, isPayload: true, misfit: model.schemas.misfit(header), number: number, time: time)
            guard header.extensionID == ExtensionID.manifest,
                let manifest = try? ExtensionManifest.decode(header.data)
            else { return }
            chronicle.register(manifest, octets: header.data.count, from: source, number: number, time: time)
            find(manifest, arrival, &outcome, model, chronicle)
        default: break
        }
    }

    private mutating func find(
        _ manifest: ExtensionManifest, _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome,
        _ model: borrowing Model, _ chronicle: borrowing ExtensionChronicle
    ) {
        for dependency in manifest.dependencies {
            let state = chronicle.state(of: dependency, until: arrival.number, configured: model.schemas.configured)
            guard state.isUnmet, lacks.count < Self.lackLimit,
                lacks.insert(Lack(id: manifest.id, dependency: dependency)).inserted
            else { continue }
            let id = dependency.extensionID
            let name = model.schemas.name(id).map(Self.shown) ?? id.hexadecimal
            let lack =
                switch state {
                case .tooOld(let version): "there is \(version) only"
                case .missing, .met: "which nobody has"
                }
            outcome.find(.dependency, arrival) {
                "\(Self.shown(manifest.name)) \(manifest.version) needs \(name) \(dependency.version), \(lack)"
            }
        }
    }
}

extension ExtensionTracker {
    /// Characters of a name in the text of a finding.
    private static let nameLength = 64

    private static func shown(_ name: String) -> String { VisibleText.visible(String(name.prefix(nameLength))) }
}

extension UInt16 {
    /// Four digits: `0x9001`.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
