#ifndef TRIMARAN_TOOLS_TRIMARAN_ESCAPE_H_
#define TRIMARAN_TOOLS_TRIMARAN_ESCAPE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Bytes for people. Keys and values are anybody's bytes: none of them may forge
// a line, drive a terminal, or turn the direction of text around.
//
// Thread: all functions may be called from any thread.

namespace trimaran::tool {

// Readable UTF-8 stays as it is; a backslash becomes "\\", a quotation mark
// "\"", and each byte of anything else "\xNN".
std::string Escape(std::string_view bytes);
// The same for text that others have put together, parts of it by Escape: what
// is readable stays as it is, backslashes and quotation marks as well.
std::string EscapeUnreadable(std::string_view text);
// What Escape makes of it, between quotation marks.
std::string Quote(std::string_view bytes);
// Quotes as many whole characters as fit `bytes_max`, and says how many bytes
// there are in all if that is not everything: "\"abc\"... (9000 bytes)".
std::string QuoteShort(std::string_view bytes, size_t bytes_max);

// What Escape was given. InvalidArgument for a backslash that begins none of
// its escapes; a quotation mark may stand for itself.
absl::StatusOr<std::string> Unescape(std::string_view text);

// "6b00ff"; the same cut short, as QuoteShort does.
std::string Hex(std::string_view bytes);
std::string HexShort(std::string_view bytes, size_t bytes_max);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_ESCAPE_H_
