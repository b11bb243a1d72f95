import Testing

/// The program against a second implementation of the wire profile.
struct InteroperabilityTests {
    static let hasCryptography =
        (try? shell("/usr/bin/python3 -c 'import cryptography.hazmat.primitives.ciphers.aead'").status) == 0

    @Test(
        "Everything that the second implementation says of its captures, the program says, too",
        .enabled(if: hasCryptography, "python3-cryptography is not installed: apt-get install python3-cryptography"),
        arguments: [1, 2])
    func check(seed: Int) throws {
        let outcome = try shell(
            "/usr/bin/python3 Tests/Interoperability/check.py '\(Program.path)' --seed \(seed)", patience: 170)
        #expect(outcome.status == 0, "\(outcome.output.suffix(4000))\(outcome.errors)")
        #expect(outcome.output.contains(" passed, 0 failed"))
    }
}
