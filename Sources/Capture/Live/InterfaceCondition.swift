import CPcap
import Glibc

/// How it stands with an interface whose packets are taken.
package enum InterfaceCondition: Equatable, Sendable {
    /// Packets can come.
    case up
    /// Nothing is at its other end: the cable is out.
    case unplugged
    /// Switched off.
    case down
    /// There is no such interface any more.
    case gone
}

extension InterfaceHandle {
    /// Its interface is no more, and has not been taken up again. The kernel forgets an interface a little before it tells
    /// its sockets.
    var isGone: Bool {
        let index = cp_bound_interface(descriptor)
        return index < 0 || index > 0 && cp_interface_flags(descriptor, index) < 0
    }

    /// How it stands with the interface now. One that is gone and there again is taken up again, which takes no privilege:
    /// the socket is open already, and the filter and what the kernel collects belong to it.
    func condition() -> InterfaceCondition {
        var index = cp_bound_interface(descriptor)
        if index < 0, cp_bind_again(descriptor, name, hardwareType, isPromiscuous ? 1 : 0) == 0 {
            index = cp_bound_interface(descriptor)
        }
        // Bound to none: "any", which is always there.
        if index == 0 { return .up }
        let flags = index > 0 ? cp_interface_flags(descriptor, index) : -1
        if flags < 0 { return .gone }
        if flags & Int32(IFF_UP) == 0 { return .down }
        return flags & Int32(IFF_RUNNING) == 0 ? .unplugged : .up
    }
}
