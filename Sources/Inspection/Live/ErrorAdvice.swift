import SpatioWire

extension ErrorCode {
    /// What the code means when a server says it to somebody who joins, in one sentence, and what to do about it.
    package var advice: (meaning: String, remedy: String) {
        Self.advices[rawValue]
            ?? (
                "The server said a code that the protocol does not know: \(self).",
                "Ask whoever runs the server what it means."
            )
    }

    private static let advices: [UInt8: (meaning: String, remedy: String)] = [
        0x00: ("The server ended the session in order.", "Join again to go on watching."),
        0x01: ("The server failed and does not say how.", "Look into the log of the server."),
        0x02: ("The server could not read what was sent.", "See Messages: the last one sent before it said so."),
        0x03: (
            "The server got a message that it did not expect.",
            "See Messages for the handshake; server and spatioscope may differ in what they take for version 1."
        ),
        0x04: ("The server speaks another version of the protocol.", "Watch it with a version that fits."),
        0x10: ("The server refuses the coordinates.", "See Messages for those that were sent."),
        0x11: ("The server refuses a place outside its space.", "See Messages for the place."),
        0x12: ("The server refuses the precision.", "See Messages for what was sent."),
        0x13: ("The place is taken.", "Try again, or another space."),
        0x14: ("The server took too long to find an answer.", "Try again when it has less to do."),
        0x20: ("The state has changed at the same time.", "Try again."),
        0x21: ("The server refuses the state, or has no such space.", "Look at --space: a name or id of the server."),
        0x22: ("The server could not bring the state over.", "Join again: a full copy is sent then."),
        0x23: ("A change of the state does not fit the copy here.", "Join again: a full copy is sent then."),
        0x24: ("The versions of the state do not fit.", "Join again: a full copy is sent then."),
        0x30: ("The connection could not be made.", "Look whether the server runs and lets this address in."),
        0x31: ("The server cannot reach the peer.", "Look whether the peer is still there."),
        0x32: ("More was sent than the line takes.", "Watch fewer spaces: --space."),
        0x33: (
            "Nothing came in time.",
            "Look whether the server runs, and whether a firewall lets its port through in both directions."
        ),
        0x34: ("A relay did not pass messages on.", "Join the server without the relay."),
        0x40: (
            "The server does not believe who we say we are.",
            "Give the right token: --token-file FILE, or SPATIO_TOKEN in the environment."
        ),
        0x41: (
            "The server wants to know who joins, or this one may not watch.",
            "Give a token that may: --token-file FILE, or SPATIO_TOKEN in the environment; look at --space."
        ),
        0x42: (
            "Keys could not be agreed upon, or the server wants more security.",
            "Try --security encrypt, and look at --server-key."
        ),
        0x43: ("The server found a wrong signature.", "Look whether something on the way changes messages."),
        0x44: ("The token was good and is too old.", "Get a new token for --token-file or SPATIO_TOKEN."),
        0x50: ("The server has no room for one more.", "Try again when others have left."),
        0x51: ("The server has too much to do.", "Try again later, or watch fewer spaces: --space."),
        0x52: ("The server can store no more.", "Tell whoever runs the server."),
        0x53: ("Too much, or too many attempts, in a short time.", "Wait a little, then try again."),
        0xF0: ("An extension failed.", "See Extensions for those that the server offers."),
        0xFF: ("The server gives a reason of its own.", "Read its reason, or ask whoever runs the server."),
    ]
}
