#ifndef TRIMARAN_ENGINE_BASE_UTF8_H_
#define TRIMARAN_ENGINE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

// Thread: all functions may be called from any thread.

namespace trimaran {

// The length of the UTF-8 sequence at the front of `bytes`, which must not be
// empty; 0 if there is none. Sequences longer than the shortest, halves of
// surrogate pairs and numbers beyond U+10FFFF are none.
size_t Utf8SequenceLength(std::string_view bytes);

// The character of such a sequence, of `length` bytes.
uint32_t Utf8CodePoint(std::string_view bytes, size_t length);

bool IsUtf8(std::string_view bytes);

// The first `bytes_max` bytes at most, without a part of a character.
std::string_view Utf8Prefix(std::string_view bytes, size_t bytes_max);

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_UTF8_H_
