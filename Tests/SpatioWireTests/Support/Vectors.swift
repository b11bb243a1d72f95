import Foundation
import SpatioWire
import Testing

/// Datagrams that another program wrote, with what they mean.
struct Vectors: Decodable, Sendable {
    struct Valid: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var datagrams: [Datagram]
        var messages: [JSON]
        /// The payload of the whole that the messages are the segments of.
        var reassembled: JSON?
        var keylog: String?

        var isSealed: Bool { name.hasPrefix("sealed") }
        var testDescription: String { name }
    }

    struct Malformed: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var datagram: Datagram
        var reason: String

        var testDescription: String { name }
    }

    /// Octets, written in hexadecimal digits.
    struct Datagram: Decodable, Sendable {
        var octets: [UInt8]

        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let octets = SpatioWire.octets(hexadecimal: text) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            self.octets = octets
        }
    }

    var valid: [Valid]
    var malformed: [Malformed]

    /// Empty where the file cannot be read, which the test of the number of vectors reports.
    static let all: Vectors = {
        guard let url = Bundle.module.url(forResource: "vectors", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let vectors = try? JSONDecoder().decode(Vectors.self, from: data)
        else { return Vectors(valid: [], malformed: []) }
        return vectors
    }()

    /// Every message of the valid vectors by itself.
    static let messages: [Sample] = all.valid.flatMap { vector in
        vector.datagrams.flatMap { datagram -> [Sample] in
            var samples: [Sample] = []
            var rest = datagram.octets[...]
            while !rest.isEmpty, let size = try? Array(rest).withOctets({ try Envelope.decode($0).size }) {
                samples.append(Sample(name: vector.name, octets: Array(rest.prefix(size))))
                rest = rest.dropFirst(size)
            }
            return samples
        }
    }
}

/// One whole message.
struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var octets: [UInt8]

    var testDescription: String { "\(name), \(octets.count) octets" }
}
