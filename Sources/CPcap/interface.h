// What the kernel says of the interface of a packet socket, and binding that again: ioctl takes what Swift cannot give.
#pragma once
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/// The number of the interface that a packet socket is bound to; 0: of none, which means all of them; -1: it is gone.
static inline int cp_bound_interface(int descriptor) {
    struct sockaddr_ll address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) return -1;
    return address.sll_ifindex;
}

/// Flags of an interface such as IFF_UP, by its number; -1 where there is none.
static inline int cp_interface_flags(int descriptor, int index) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    request.ifr_ifindex = index;
    if (ioctl(descriptor, SIOCGIFNAME, &request) != 0 || ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) return -1;
    return (unsigned short)request.ifr_flags;
}

static inline int cp_request(int descriptor, unsigned long kind, const char *_Nonnull name, struct ifreq *_Nonnull request) {
    memset(request, 0, sizeof *request);
    if (strlen(name) >= sizeof request->ifr_name) return ENODEV;
    strcpy(request->ifr_name, name);
    return ioctl(descriptor, kind, request) == 0 ? 0 : errno;
}

/// What kind of hardware an interface is, as ARPHRD numbers it; -1 where there is none of that name.
static inline int cp_hardware_type(int descriptor, const char *_Nonnull name) {
    struct ifreq request;
    if (cp_request(descriptor, SIOCGIFHWADDR, name, &request) != 0) return -1;
    return request.ifr_hwaddr.sa_family;
}

/// Binds a packet socket to the interface that has a name now, where that is of the kind of before: its packets begin with
/// the same header. Returns 0, or an errno.
static inline int cp_bind_again(int descriptor, const char *_Nonnull name, int hardware_type, int is_promiscuous) {
    struct ifreq request;
    if (cp_hardware_type(descriptor, name) != hardware_type) return ENODEV;
    int error = cp_request(descriptor, SIOCGIFINDEX, name, &request);
    if (error != 0) return error;
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = request.ifr_ifindex;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return errno;
    if (is_promiscuous) {
        struct packet_mreq membership;
        memset(&membership, 0, sizeof membership);
        membership.mr_ifindex = request.ifr_ifindex;
        membership.mr_type = PACKET_MR_PROMISC;
        // What is meant for this machine comes without it, too.
        setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership);
    }
    return 0;
}
