/// The lines of each block of a text (three back quotes and the language), in their order.
func markdownBlocks(_ language: String, of text: String) -> [[String]] {
    var blocks: [[String]] = []
    var isOpen = false
    var isWanted = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        if line.hasPrefix("```") {
            isWanted = !isOpen && line == "```\(language)"
            isOpen.toggle()
            if isWanted { blocks.append([]) }
        } else if isWanted {
            blocks[blocks.count - 1].append(line)
        }
    }
    return blocks
}
