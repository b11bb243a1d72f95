/// An array whose copies share the pages that neither has changed since: a snapshot costs what changes behind it, and not
/// what is there.
///
/// Its accessors are inlinable, because whoever draws goes through all entities.
package struct PagedArray<Element: Sendable>: Sendable {
    /// A page is what the first change behind a copy has to copy: 64 entities are some 20 KiB.
    @usableFromInline static var pageShift: Int { 6 }
    @usableFromInline static var placeMask: Int { 1 << pageShift - 1 }

    /// All full but the last.
    @usableFromInline var pages: [[Element]] = []
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ element: Element) {
        if count & Self.placeMask == 0 { pages.append([]) }
        pages[pages.count - 1].append(element)
        count += 1
    }

    /// Calls `body` with each page and the position of its first element.
    @inlinable
    package func forEachPage(_ body: (UnsafeBufferPointer<Element>, _ first: Int) -> Void) {
        for (number, page) in pages.enumerated() {
            page.withUnsafeBufferPointer { body($0, number << Self.pageShift) }
        }
    }
}

extension PagedArray: RandomAccessCollection, MutableCollection {
    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { count }

    @inlinable
    package subscript(position: Int) -> Element {
        // A coroutine would lend a copy of the whole element, of which most who ask need one field.
        @inline(__always) get { pages[position >> Self.pageShift][position & Self.placeMask] }
        @inline(__always) _modify { yield &pages[position >> Self.pageShift][position & Self.placeMask] }
    }
}
