#ifndef TRIMARAN_TESTS_FUZZ_SNAPSHOT_ROUND_TRIP_H_
#define TRIMARAN_TESTS_FUZZ_SNAPSHOT_ROUND_TRIP_H_

#include <cstdint>
#include <string_view>

// What a peer may send of a snapshot. Bytes that are taken are the only ones
// that mean what they mean: encoding again gives the same bytes. These abort
// where that does not hold, and return false where the bytes are refused.
//
// Thread: any.

namespace trimaran::engine {

// A whole manifest, as it is.
bool CheckManifestRoundTrip(std::string_view bytes);
// The body of one, in a frame with the right checksum.
bool CheckManifestBodyRoundTrip(std::string_view body);
// `body` as the records of a chunk that has a right header and checksum, and
// says that there are `rows` of them.
bool CheckChunkRoundTrip(std::string_view body, uint32_t rows);

// All of these. The first byte chooses which; the others are what is decoded.
bool CheckSnapshotInput(std::string_view input);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_FUZZ_SNAPSHOT_ROUND_TRIP_H_
