package struct Filter: Sendable { package init(parsing text: String) throws(FilterError) {} }
package struct FilterError: Error, Equatable {
    package var message = ""; package func pointer(in t: String) -> String { "" }
}
