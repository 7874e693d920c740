#ifndef TRIMARAN_TESTS_FUZZ_FORMAT_ROUND_TRIP_H_
#define TRIMARAN_TESTS_FUZZ_FORMAT_ROUND_TRIP_H_

#include <string_view>

// Stored bytes that a decoder takes are the only ones that mean what they mean:
// encoding what was decoded gives the same bytes. These abort where that does
// not hold, and return false where the bytes are refused.
//
// Thread: any.

namespace trimaran::engine {

// The payload of a log entry.
bool CheckEntryRoundTrip(std::string_view payload);
bool CheckKeyRoundTrip(std::string_view key);
bool CheckRowValueRoundTrip(std::string_view value);
// The file STORE.
bool CheckIdentityRoundTrip(std::string_view content);

// `body` in a frame with the right checksum, as each kind of record. True if
// one of them takes it.
bool CheckRecordRoundTrips(std::string_view body);
// `bytes` as they are, as each kind of record.
bool CheckFramedRecordRoundTrips(std::string_view bytes);

// All of these. The first byte chooses which; the others are what is decoded.
bool CheckFormat(std::string_view input);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_FUZZ_FORMAT_ROUND_TRIP_H_
