#ifndef TRIMARAN_TOOLS_SERVE_NUMBERS_H_
#define TRIMARAN_TOOLS_SERVE_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What words of commands mean.
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

// A number of 64 bits as Redis writes one: without a "+", leading zeros or
// spaces. Empty for anything else.
std::optional<int64_t> ParseInteger(std::string_view word);

// The error of an answer that would have more than `bytes_max`.
std::string TooLargeReply(size_t bytes_max);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_NUMBERS_H_
