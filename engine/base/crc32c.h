#ifndef TRIMARAN_ENGINE_BASE_CRC32C_H_
#define TRIMARAN_ENGINE_BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace trimaran {

// The checksum of records and frames: CRC-32C (Castagnoli), as in iSCSI
// (RFC 3720). On disk and on the wire: never change. Uses the processor's own
// instruction where there is one.
//
// Thread: any.
uint32_t Crc32c(std::string_view data);

// The checksum of A followed by `data`, where `crc` is that of A. That of no
// bytes is 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view data);

// The two ways to the same result, for the tests that compare them.
namespace crc32c_internal {

uint32_t ExtendPortable(uint32_t crc, std::string_view data);

bool HasHardware();
// Only where HasHardware().
uint32_t ExtendHardware(uint32_t crc, std::string_view data);

}  // namespace crc32c_internal
}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_CRC32C_H_
