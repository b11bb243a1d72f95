extension Buffer {
    /// Writes a text in one row and returns the columns used.
    ///
    /// Clips at the buffer's edges and after `maxWidth` columns, and never splits a wide character. Nothing in the text
    /// can command the terminal or hide: see ``visible(_:)``. A combining mark goes over the character before it, at
    /// most two of them; one without a character before it is shown over a dotted circle.
    @discardableResult
    package mutating func write(
        _ text: some StringProtocol, at point: Point, style: Style, maxWidth: Int = .max
    ) -> Int {
        guard point.y >= 0, point.y < size.height, point.x < size.width, maxWidth > 0 else { return 0 }
        let (limit, isBeyond) = point.x.addingReportingOverflow(maxWidth)
        let end = isBeyond ? size.width : min(limit, size.width)
        var x = point.x
        // A row of the buffer by hand: text is most of what a frame writes.
        var base: Int?
        for scalar in text.unicodeScalars {
            switch CharacterWidth.drawing(of: scalar) {
            case .columns(let width) where glyphs.isUnicode || scalar.isASCII:
                guard x + width <= end else { return x - point.x }
                base = put(scalar, width: width, x: x, y: point.y, style: style)
                x += width
            case .combining where glyphs.isUnicode:
                if base == nil, x < end, x == point.x {
                    base = put("\u{25CC}", width: 1, x: x, y: point.y, style: style)
                    x += 1
                }
                if let base { combine(scalar, at: base) }
            default:
                let shown = glyphs.visible(scalar)
                guard x + 1 <= end else { return x - point.x }
                base = put(shown.0, width: 1, x: x, y: point.y, style: style)
                x += 1
                if let second = shown.1 {
                    guard x + 1 <= end else { return x - point.x }
                    base = put(second, width: 1, x: x, y: point.y, style: style)
                    x += 1
                }
            }
        }
        return x - point.x
    }

    /// Writes a text that ends at a column (exclusive); it is cut on its right if it is wider than `maxWidth`.
    @discardableResult
    package mutating func write(
        _ text: some StringProtocol, endingAt point: Point, style: Style, maxWidth: Int = .max
    ) -> Int {
        let width = min(glyphs.columns(of: text), max(0, maxWidth))
        return write(text, at: Point(x: point.x - width, y: point.y), style: style, maxWidth: width)
    }

    /// Sets one character and returns its index for combining marks; nil where it is clipped on the left.
    private mutating func put(_ scalar: Unicode.Scalar, width: Int, x: Int, y: Int, style: Style) -> Int? {
        if let index = index(x, y) {
            place(Cell(scalar, width: width, style: style), at: index, x: x)
            return index
        }
        // The right half of a wide character whose left half is clipped.
        if width == 2, let index = index(x + 1, y) {
            place(Cell(style: style), at: index, x: x + 1)
        }
        return nil
    }
}

extension GlyphSet {
    /// What is shown for a scalar that cannot be drawn itself: one or two characters of one column.
    ///
    /// C0 and DEL as control pictures (`␛`), in ASCII in caret form (`^[`); C1 as U+FFFD, in ASCII `?`; what would hide
    /// as a middle dot, in ASCII as a full stop. In ASCII everything else is `?`.
    package func visible(_ scalar: Unicode.Scalar) -> (Unicode.Scalar, Unicode.Scalar?) {
        let value = scalar.value
        switch CharacterWidth.drawing(of: scalar) {
        case .control where value < 0x80:
            if isUnicode {
                return (Unicode.Scalar(value == 0x7F ? 0x2421 : 0x2400 + value) ?? "\u{FFFD}", nil)
            }
            return ("^", Unicode.Scalar(value ^ 0x40))
        case .hidden:
            return (isUnicode ? "\u{B7}" : ".", nil)
        default:
            return (isUnicode ? "\u{FFFD}" : "?", nil)
        }
    }

    /// Columns that a text takes when it is written with these glyphs.
    package func columns(of text: some StringProtocol) -> Int {
        var total = 0
        for scalar in text.unicodeScalars {
            switch CharacterWidth.drawing(of: scalar) {
            case .columns(let width): total += isUnicode ? width : 1
            case .combining where isUnicode: total += total == 0 ? 1 : 0
            case .combining, .hidden: total += 1
            case .control: total += visible(scalar).1 == nil ? 1 : 2
            }
        }
        return total
    }
}
