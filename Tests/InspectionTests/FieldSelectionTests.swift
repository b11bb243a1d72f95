import Inspection
import Testing

/// What `dump --fields` prints.
@Suite struct FieldSelectionTests {
    private func lines(_ list: String) throws -> [[String]] {
        Plaza.make(selections: [try FieldSelection(parsing: list)]).selected
    }

    @Test("As text, values stand between tabs, several of a field between commas, nothing for what is absent")
    func text() throws {
        let lines = try lines("number, time,type,payload.updates.position.x,payload.query_id,space,seq")
        #expect(lines[4][0] == "5\t1793000001.500000\tSPATIAL_UPDATE\t9.0,100.0\t\tplaza\t103")
        #expect(lines[10][0] == "11\t1793000004.000000\tSPATIAL_QUERY\t\t5\t\t0")
        #expect(lines[14][0] == "15\t1793000006.100000\t0x7a\t\t\t\t0")
    }

    @Test("As CSV, what holds a comma, a quote or a line end is quoted as in RFC 4180")
    func csv() throws {
        let selection = try FieldSelection(parsing: "number,payload.name,payload.updates.kind,flags")
        let selected = Plaza.make(selections: [selection]).selected
        #expect(selection.header == "number,payload.name,payload.updates.kind,flags")
        #expect(selected[0][1] == "1,demo/1.0,,RELIABLE")
        #expect(selected[4][1] == "5,,\"2,7\",ADDRESS")
        let summary = try lines("summary")
        #expect(summary[0][1] == "\"\"\"demo/1.0\"\" PARTICIPANT 2 spaces\"")
    }

    @Test("As JSON, the names are the keys, absent is null, several values are an array")
    func json() throws {
        let list =
            "number,type,payload.updates.kind,payload.query_id,payload.updates.velocity,flags,session,address.precision"
        let lines = try lines(list)
        #expect(
            lines[3][2]
                == #"{"number":4,"type":"SPATIAL_UPDATE","payload.updates.kind":2,"payload.query_id":null,"#
                + #""payload.updates.velocity":[3.0,4.0,0.0],"flags":["ADDRESS"],"#
                + #""session":"5eb9581e-f3b6-0111-8097-669d49268748","address.precision":0.10000000149011612}"#)
        #expect(lines[4][2].contains(#""payload.updates.kind":[2,7]"#))
    }

    @Test("A structure and an array are written whole")
    func structures() throws {
        let lines = try lines("payload.peer_id,payload.capabilities.roles,payload.discovery_mode,multicast.group_id")
        #expect(
            lines[20][2]
                == #"{"payload.peer_id":"b0b00000-0000-0002-0000-000000000002","#
                + #""payload.capabilities.roles":["PARTICIPANT","RELAY"],"#
                + #""payload.discovery_mode":{"type":"BROADCAST","parameters":null},"#
                + #""multicast.group_id":"c3c30000-0000-0003-0000-000000000003"}"#)
        #expect(
            lines[20][0]
                == "b0b00000-0000-0002-0000-000000000002\tPARTICIPANT,RELAY\t"
                + #"{"type":"BROADCAST","parameters":null}"# + "\tc3c30000-0000-0003-0000-000000000003")
    }

    @Test("What is wrong with a message can be chosen")
    func wrong() throws {
        let lines = try lines("findings,malformed,stream_id")
        #expect(lines[4][2] == #"{"findings":["loss"],"malformed":null,"stream_id":1}"#)
        #expect(lines[13][0] == "malformed\tSPATIAL_UPDATE without ADDRESS at octet 2\t1")
    }

    @Test("The usual columns of CSV are those of the list of messages")
    func usual() throws {
        #expect(
            FieldSelection.usual.header
                == "number,time,source,destination,transport,stream_id,sequence,type,size,summary")
        let line = Plaza.make(selections: [.usual]).selected[7][1]
        #expect(line == "8,1793000002.000000,10.7.1.1:40001,10.7.0.1:7728,udp,0,1,PING,34,ping 7 1 stream")
        #expect(FieldSelection.lineEndOfCSV == "\r\n")
    }

    @Test(
        "A name that is no field is refused with its place",
        arguments: [
            ("number,tpye", "       ^^^^", "unknown field \"tpye\"; did you mean \"type\"?"),
            ("number,,type", "       ^", "the name of a field is missing here"),
            ("", "^", "the name of a field is missing here"),
            (
                "payload.querry_id", "^^^^^^^^^^^^^^^^^",
                "unknown field \"payload.querry_id\"; did you mean \"payload.query_id\"?"
            ),
        ])
    func refuses(list: String, carets: String, message: String) {
        let error = #expect(throws: FilterError.self) { try FieldSelection(parsing: list) }
        #expect(error?.message == message)
        #expect(error?.pointer(in: list) == list + "\n" + carets)
    }
}
