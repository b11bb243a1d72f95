import Inspection
import SpatioWire
import Testing

/// `box(x1, y1, x2, y2)`: a box drawn on the map, as a filter.
struct BoxFilterTests {
    private func conversation() -> Conversation {
        var conversation = Conversation()
        for (number, place) in [Vector3(0, 0, 0), Vector3(5, 5, 9), Vector3(-5, 2, 0), Vector3(10, 10, 0)].enumerated()
        {
            var talk = Talk()
            let message = talk.message(
                Sample.update(number, at: place), stream: 1, sequence: UInt32(number), address: Sample.address())
            conversation.send(
                message.encoded(), from: "10.7.1.1:40001", to: "10.7.0.1:7728", at: Double(number))
        }
        return conversation
    }

    @Test("It takes two opposite corners in any order, with the edge")
    func corners() throws {
        let conversation = conversation()
        #expect(try conversation.matches("box(-1, -1, 5, 5)") == [1, 2])
        #expect(try conversation.matches("box(5, 5, -1, -1)") == [1, 2])
        #expect(try conversation.matches("box(-5, 5, 5, -1)") == [1, 2, 3])
        #expect(try conversation.matches("!box(-5, 5, 5, -1)") == [4])
        #expect(try conversation.matches("box(-1, -1, 1, 1) || box(9, 9, 11, 11)") == [1, 4])
    }

    @Test("A wrong number of corners, or what is none, is named with its place")
    func errors() {
        for (text, offset) in [("box(1, 2, 3)", 0), ("box(1, 2, 3, x)", 13), ("box(1, 2, 3, 4", 14), ("box", 0)] {
            #expect { try Filter(parsing: text) } throws: { ($0 as? FilterError)?.offset == offset }
        }
    }

    @Test("It is completed as a call, and its corners are not")
    func completion() {
        #expect(FilterCompletion.candidates(for: "bo", cursor: 2, model: nil).words == ["box("])
        #expect(FilterCompletion.candidates(for: "box(", cursor: 4, model: nil).words.isEmpty)
    }
}
