import SpatioWire
package struct Filter: Sendable { package init(parsing text: String) throws(FilterError) {} }
package struct FilterError: Error, Equatable {
    package var message = ""; package func pointer(in t: String) -> String { "" }
}
extension Filter { package var needsFields: Bool { false } }
package struct FilterRun: Sendable { package init(_ f: Filter) {} ; package mutating func matches(_ record: borrowing MessageRecord, number: Int, model: borrowing Model, fields: () -> FieldMap?) -> Bool { true } }
extension Filter { package var text: String { "" } }
extension FilterError { package var offset: Int { 0 } }
package enum FilterCompletion { package static func candidates(for text: String, cursor: Int, model: Model?) -> (Range<Int>, [String]) { (0..<0, []) } }
package enum MessageSummary { package static func text(_ type: MessageType, map: FieldMap, model: Model?) -> String { "summary" } }
