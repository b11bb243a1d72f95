import Foundation
import Glibc
import Testing

/// Sends datagrams to a port of 127.0.0.1 that is nobody else's.
final class LoopbackSender {
    let port: UInt16
    private let receiver: Int32
    private let sender: Int32

    struct SystemError: Error {
        var code: Int32
    }

    init() throws {
        let receiver = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let sender = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        self.receiver = receiver
        self.sender = sender
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(receiver, address, length) == 0, getsockname(receiver, address, &length) == 0 else {
                    return errno
                }
                return connect(sender, address, length) == 0 ? 0 : errno
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard code == 0 else { throw SystemError(code: code) }
    }

    deinit {
        close(receiver)
        close(sender)
    }

    func send(_ octets: Octets) throws {
        guard Glibc.send(sender, octets, octets.count, 0) == octets.count else { throw SystemError(code: errno) }
    }
}

/// tcpdump on the loopback interface, which ends after a number of packets.
final class Tcpdump {
    private let process = Process()
    private let errors = Pipe()

    /// Returns when it listens.
    init(_ filter: String, count: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // It ends by itself where packets are missing.
        process.arguments = [
            "timeout", "60", "tcpdump", "-i", "lo", "-n", "-B", "16384", "-c", "\(count)", "-w", "/dev/null", filter,
        ]
        process.standardError = errors
        try process.run()
        var said = ""
        while !said.contains("listening on") {
            let octets = errors.fileHandleForReading.availableData
            if octets.isEmpty { break }
            said += String(decoding: octets, as: UTF8.self)
        }
    }

    /// Waits for its end; what it says that it captured.
    func packets() -> Int? {
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let words = said.split { $0.isWhitespace }
        return words.indices.dropLast(2).first { words[$0 + 1].hasPrefix("packet") && words[$0 + 2] == "captured" }
            .flatMap { Int(words[$0]) }
    }
}
