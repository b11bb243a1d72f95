import Testing

@testable import Settings

@Suite struct KeyPlacesTests {
    private func places(_ text: String) -> [String: String] {
        KeyPlaces.find(in: text).mapValues { "\($0.line):\($0.column)" }
    }

    @Test func `keys have the place where they begin`() {
        #expect(
            places("a = 1\n\n  b.c = 2 # d = 3\n[t.u]\n\"quoted key\" = 'x'\r\ne = 1979-05-27 07:32:00\n") == [
                "a": "1:1", "b.c": "3:3", "t.u": "4:1", "t.u.quoted key": "5:1", "t.u.e": "6:1",
            ])
    }

    @Test func `arrays and tables in lines count by their elements`() {
        #expect(
            places("a = [ 1, [2,\n 3], ]\nb = { c = { d = 1 }, e = [true] }\n") == [
                "a": "1:1", "a[0]": "1:7", "a[1]": "1:10", "a[1][0]": "1:11", "a[1][1]": "2:2", "b": "3:1",
                "b.c": "3:7",
                "b.c.d": "3:13", "b.e": "3:22", "b.e[0]": "3:27",
            ])
    }

    @Test func `arrays of tables count by their headers`() {
        #expect(
            places("[[r]]\nx = 1\n[r.in]\ny = 2\n[[r]]\nx = 3\n[[r.deep]]\nz = 1\n") == [
                "r[0]": "1:1", "r[0].x": "2:1", "r[0].in": "3:1", "r[0].in.y": "4:1", "r[1]": "5:1", "r[1].x": "6:1",
                "r[1].deep[0]": "7:1", "r[1].deep[0].z": "8:1",
            ])
    }

    @Test func `strings hide what looks like keys`() {
        #expect(
            places(
                "a = \"x = 1 # \\\" y\"\nb = '''\nno = 1\n'''\nc = \"\"\"\nno = \\\"\"\"\n\"\"\"\"\nd = \"\"\ne = 1\n")
                == ["a": "1:1", "b": "2:1", "c": "5:1", "d": "8:1", "e": "9:1"])
    }

    @Test(arguments: [
        "[", "a", "a = [", "a = {", "a = [[[", "= = =", "a = \"", "a = '''", "[[", "]", "a = [=", "\u{0}",
    ])
    func `what is no TOML does no harm`(text: String) {
        #expect(places(text).count <= 3)
    }
}
