import Capture
import Inspection
import Simulation
import SpatioWire
import Testing

/// The messages of a scenario one by one, and the chronicle as it was when each had passed.
struct Passage {
    let whole: Chronicle
    /// Of an analysis that was stopped behind so many messages.
    private(set) var stopped: [Int: Chronicle] = [:]
    private(set) var count = 0
    private(set) var times: [Int64] = []

    /// - Parameter stops: shares of the capture behind which it is stopped.
    init(_ scenario: Scenario, duration: Double = 6, stops: [Double] = [0, 0.1, 0.33, 0.5, 0.77, 0.9, 1]) throws {
        struct Passed {
            var octets: [UInt8]
            var time: Int64
            var source, destination: Endpoint
            var transport: Transport
            var isLeftOver: Bool
        }
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        _ = try simulate(scenario, options: SimulationOptions(seed: 2, duration: duration), to: file.path)
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        var analysis = Analysis()
        var messages: [Passed] = []
        let observe = { (event: borrowing MessageEvent, model: borrowing Model) in
            let message = event.message
            messages.append(
                Passed(
                    octets: Array(event.octets), time: message.time, source: message.source,
                    destination: message.destination, transport: message.transport, isLeftOver: message.isLeftOver))
        }
        while let packet = source.next() { analysis.take(packet, observe: observe) }
        analysis.finish(observe: observe)
        whole = analysis.book.chronicle
        count = messages.count
        times = messages.map(\.time)
        let places = Set(stops.map { Int($0 * Double(messages.count)) })
        var model = Model()
        var chronicler = Chronicler(keepsSeries: true)
        if places.contains(0) { stopped[0] = chronicler.chronicle }
        for (place, message) in messages.enumerated() {
            let found = model.flow(from: message.source, to: message.destination, message.transport)
            let (flow, isForward) = try #require(found)
            message.octets.withUnsafeBytes { octets in
                let arrival = MessageArrival(
                    octets: octets, time: message.time, flow: flow, isForward: isForward, number: place + 1,
                    isLeftOver: message.isLeftOver)
                var outcome = model.apply(arrival)
                chronicler.take(arrival, &outcome, model)
            }
            if places.contains(place + 1) { stopped[place + 1] = chronicler.chronicle }
        }
    }
}
