#ifndef TRIMARAN_TESTS_FUZZ_RESP_ROUND_TRIP_H_
#define TRIMARAN_TESTS_FUZZ_RESP_ROUND_TRIP_H_

#include <cstddef>
#include <string_view>

namespace trimaran::serve {

// Reads `input` as a client's bytes, whole, byte by byte, and cut where its
// first byte says; all three have to mean the same. What is understood is
// written down again, and has to be understood as the same. Patterns and lines
// in it are tried as such. Returns how many commands there were.
//
// Thread: any.
size_t CheckRespInput(std::string_view input);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TESTS_FUZZ_RESP_ROUND_TRIP_H_
