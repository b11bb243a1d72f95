/// Messages that somebody marked by hand, by their places in the index: they stay marked whatever the list shows.
package struct Marks: Equatable, Sendable {
    /// Ascending.
    package private(set) var messages: [Int] = []

    package init() {}

    package var isEmpty: Bool { messages.isEmpty }
    package var count: Int { messages.count }

    package func contains(_ message: Int) -> Bool {
        let place = place(of: message)
        return place < messages.count && messages[place] == message
    }

    package mutating func toggle(_ message: Int) {
        let place = place(of: message)
        if place < messages.count, messages[place] == message {
            messages.remove(at: place)
        } else {
            messages.insert(message, at: place)
        }
    }

    package mutating func removeAll() { messages.removeAll() }

    /// The next one behind a message; nil behind the last.
    package func next(after message: Int) -> Int? {
        let place = place(of: message + 1)
        return place < messages.count ? messages[place] : nil
    }

    /// The one before a message; nil before the first.
    package func previous(before message: Int) -> Int? {
        let place = place(of: message)
        return place > 0 ? messages[place - 1] : nil
    }

    /// Where a message is, or would be.
    private func place(of message: Int) -> Int {
        var low = 0
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if messages[middle] < message { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
