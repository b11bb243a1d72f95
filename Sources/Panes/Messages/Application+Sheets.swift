import Inspection
import Screen

/// What lies over the panes and has the keys until it is closed, and what is written.
extension Application {
    enum Sheet {
        case comparison(ComparisonSheet)
        case columns(ColumnSheet)
        case export(ExportSheet)

        var hint: String {
            switch self {
            case .comparison: ComparisonSheet.hint
            case .columns: ColumnSheet.hint
            case .export: ExportSheet.hint
            }
        }
    }

    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    mutating func handleInSheet(_ key: Key) -> [Effect] {
        let action = keys.action(for: key, in: .everywhere)
        switch sheet {
        case .comparison(var comparison): sheet = comparison.handle(key, action) ? .comparison(comparison) : nil
        case .columns(var columns):
            let isOpen = columns.handle(key, action)
            if columns.list != messages.columns { messages.show(columns.list) }
            sheet = isOpen ? .columns(columns) : nil
        case .export(var export):
            switch export.handle(key) {
            case .stay: sheet = .export(export)
            case .close: sheet = nil
            case .write(let order):
                sheet = nil
                exportSheet = export
                isExporting = true
                return [.write(order)]
            }
        case nil: break
        }
        return []
    }

    mutating func handleOverSheet(_ mouse: MouseEvent) {
        switch (sheet, mouse.kind) {
        case (.comparison(var comparison), .wheelUp), (.comparison(var comparison), .wheelDown):
            comparison.scroll(by: mouse.kind == .wheelUp ? -Self.wheelRows : Self.wheelRows)
            sheet = .comparison(comparison)
        case (.comparison, .press), (.columns, .press): sheet = nil
        default: break
        }
    }

    mutating func drawSheet(into buffer: inout Buffer) {
        let area = Rect(x: 0, y: 1, width: buffer.size.width, height: buffer.size.height - 2)
        let context = context(for: .messages)
        switch sheet {
        case .comparison(var comparison):
            comparison.draw(into: &buffer, area, context)
            sheet = .comparison(comparison)
        case .columns(var columns):
            columns.draw(into: &buffer, area, context)
            sheet = .columns(columns)
        case .export(let export): export.draw(into: &buffer, area, context)
        case nil: break
        }
    }

    // MARK: Writing

    mutating func beginWriting() {
        guard !isExporting else {
            notice = Notice(text: "Still writing; Ctrl-C stops it.")
            return
        }
        guard !snapshot.index.isEmpty else {
            notice = Notice(text: "There is no message to write.", role: .hint)
            return
        }
        sheet = .export(ExportSheet(snapshot, selection.marks))
    }

    /// Takes in how far an export is.
    package mutating func update(_ export: ExportState) {
        if case .writing(let done, let total) = export {
            let share = total > 0 ? 100 * done / total : 0
            notice = Notice(
                text: "Writing: \(Format.thousands(done)) of \(StatusLine.plural(total, "message")), \(share) %; "
                    + "Ctrl-C stops.", role: .progress)
            return
        }
        isExporting = false
        notice = nil
        switch export {
        case .writing: break
        case .done(let report): notice = Notice(text: report.text + ".", role: .note)
        case .cancelled: notice = Notice(text: "Writing was stopped: nothing is left of the file.")
        case .exists(let order):
            exportSheet?.ask(about: order)
            sheet = exportSheet.map { .export($0) }
        case .failed(let reason):
            exportSheet?.show(problem: reason)
            sheet = exportSheet.map { .export($0) }
        }
    }
}
