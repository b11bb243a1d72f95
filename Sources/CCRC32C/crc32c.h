#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as in RFC 3720 appendix B.4.
/// The instruction is taken where the processor has it (SSE 4.2), else one step a bit.

static inline uint32_t spatio_crc32c_portable(uint32_t crc, const uint8_t *octets, size_t count) {
    while (count--) {
        crc ^= *octets++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static inline uint32_t spatio_crc32c_sse42(uint32_t crc, const uint8_t *octets, size_t count) {
    uint64_t wide = crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, octets, 8);
        wide = __builtin_ia32_crc32di(wide, word);
        octets += 8;
        count -= 8;
    }
    crc = (uint32_t)wide;
    while (count--) crc = __builtin_ia32_crc32qi(crc, *octets++);
    return crc;
}
#endif

static inline uint32_t spatio_crc32c(const void *octets, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~spatio_crc32c_sse42(~0u, (const uint8_t *)octets, count);
#endif
    return ~spatio_crc32c_portable(~0u, (const uint8_t *)octets, count);
}
