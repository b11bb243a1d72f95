import SpatioSession
import SpatioWire

/// Finds what cannot be in what entities are said to be and in when senders say they sent it.
extension Model {
    /// Looks at an update before it is taken in.
    mutating func examine(
        _ sighting: Sighting, _ index: Int, _ context: Meaning, _ outcome: inout MessageOutcome
    ) {
        if entities[index].isOrdinary(sighting, core: spaces[entities[index].space].core) {
            entities[index].believe(sighting, [])
            return
        }
        let entity = entities[index]
        if let silence = entity.unusualSilence(at: sighting.time) {
            outcome.find(.stale, context.arrival, entity: entity.id) {
                "\(shortLabel(of: entity)) is heard of again after \(SuspicionText.seconds(silence)); usually it is "
                    + "every \(SuspicionText.seconds(entity.interval))"
            }
        }
        guard entity.believes(sighting) else { return }
        let doubts = entity.doubts(sighting, spaces[entity.space])
        let new = doubts.subtracting(entity.witness.doubts)
        entities[index].believe(sighting, doubts)
        guard !new.isEmpty else { return }
        if new.contains(.leapt), let leap = entity.leap(sighting) {
            outcome.find(.teleport, context.arrival, entity: entity.id) { leapText(entity, sighting, leap) }
        }
        if new.contains(.crooked), let orientation = sighting.update.orientation {
            outcome.find(.nonUnitQuaternion, context.arrival, entity: entity.id) {
                "the orientation of \(shortLabel(of: entity)) has length \(SuspicionText.fixed(orientation.length, 4))"
            }
        }
        if new.contains(.outside), let excess = spaces[entity.space].excess(of: sighting) {
            outcome.find(.outOfBounds, context.arrival, entity: entity.id) {
                "\(shortLabel(of: entity)) is \(SuspicionText.metres(excess)) outside the bounds of "
                    + SuspicionText.name(spaces[entity.space].label)
            }
        }
    }

    private func leapText(
        _ entity: Entity, _ sighting: Sighting, _ leap: (distance: Double, seconds: Double)
    ) -> String {
        let speed = leap.seconds > 0 ? " (\(SuspicionText.fixed(leap.distance / leap.seconds, 0)) m/s)" : ""
        let speeds = [entity.velocity, sighting.update.velocity].compactMap { $0?.speed }
        let stated = speeds.max().map { "\(SuspicionText.fixed($0, 1)) m/s" } ?? "no speed"
        let slack = Double(entity.witness.precision) + Double(sighting.precision)
        return "\(shortLabel(of: entity)) moved \(SuspicionText.metres(leap.distance)) in "
            + "\(SuspicionText.fixed(leap.seconds, 3)) s\(speed); it states \(stated), and "
            + "the places are good to \(SuspicionText.metres(slack)) together"
    }

    /// Looks at the orientation that a state gives an entity.
    mutating func examine(
        _ fields: [StateField], _ index: Int, _ context: Meaning, _ outcome: inout MessageOutcome
    ) {
        guard case .quaternion(let orientation)? = fields.first(where: { $0.key == "orientation" })?.value else {
            return
        }
        guard orientation.isCrooked else {
            entities[index].witness.doubts.remove(.crookedState)
            return
        }
        guard entities[index].witness.doubts.insert(.crookedState).inserted else { return }
        let entity = entities[index]
        outcome.find(.nonUnitQuaternion, context.arrival, entity: entity.id) {
            "the orientation of \(shortLabel(of: entity)) in the state has length "
                + SuspicionText.fixed(orientation.length, 4)
        }
    }

    /// Looks at the time stamps of a message that is the newest of its stream and no repetition.
    mutating func examineClock(
        _ arrival: MessageArrival, _ envelope: Envelope, _ session: Int, _ stream: Int, _ outcome: inout MessageOutcome
    ) {
        let direction = streams[stream].direction
        let sent = envelope.header.timestamp
        let fault = sessions[session].clocks[direction].take(
            captured: arrival.time, sent: sent, address: envelope.address?.timestamp)
        switch fault {
        case nil: break
        case .offset(let behind, let before)?:
            outcome.find(.clockSkew, arrival) {
                let who = name(of: direction, of: sessions[session])
                let change = before == 0 ? "" : "; it was \(SuspicionText.offset(before))"
                return "the clock of \(who) is \(SuspicionText.offset(behind))\(change)"
            }
        case .address(let ahead)?:
            outcome.find(.clockSkew, arrival) {
                "\(name(of: direction, of: sessions[session])) sends positions of a time "
                    + "\(SuspicionText.fixed(Double(ahead) / 1000, 1)) s after that of the message itself"
            }
        }
    }

    // MARK: Names

    /// One end of a session: what it calls itself and its address.
    func name(of direction: Direction, of session: Session) -> String {
        guard direction == .client else { return "the server \(session.server)" }
        if let label = session.mirroredLabel { return session.name.isEmpty ? label : SuspicionText.name(session.name) }
        return session.name.isEmpty ? "\(session.client)" : "\(SuspicionText.name(session.name)) (\(session.client))"
    }

    private func shortLabel(of entity: Entity) -> String { SuspicionText.name(label(of: entity)) }
}

/// Words of findings.
enum SuspicionText {
    /// Characters of a name or a reason in a finding: a line's worth.
    private static let nameLength = 64

    /// Text from the network, short and without what could steer a terminal.
    static func name(_ text: String) -> String {
        let short = text.prefix(nameLength)
        return VisibleText.visible(String(short)) + (short.endIndex < text.endIndex ? "..." : "")
    }

    static func fixed(_ value: Double, _ places: Int) -> String { DecimalText.fixed(value, places: places) }

    static func metres(_ value: Double) -> String {
        value < 10_000 ? fixed(value, value < 10 ? 2 : 1) + " m" : fixed(value / 1000, 1) + " km"
    }

    static func seconds(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        return fixed(seconds, seconds < 1 ? 3 : 1) + " s"
    }

    /// How a clock stands to the capture's.
    ///
    /// - Parameter behind: nanoseconds.
    static func offset(_ behind: Int64) -> String {
        let seconds = Double(behind.magnitude) / 1e9
        let text = seconds < 100_000 ? fixed(seconds, 1) + " s" : fixed(seconds / 86_400, 1) + " days"
        return text + (behind < 0 ? " ahead of the capture's" : " behind the capture's")
    }
}
