#ifndef TRIMARAN_TOOLS_TRIMARAN_JSON_H_
#define TRIMARAN_TOOLS_TRIMARAN_JSON_H_

#include <string>
#include <string_view>

#include "tools/trimaran/record.h"

namespace trimaran::tool {

// `text` as a JSON string, with its quotation marks. Bytes that are not UTF-8
// become U+FFFD, so that the result always is.
//
// Thread: any.
std::string JsonString(std::string_view text);

// The record as one JSON object on one line, without the line feed. "type"
// comes first. Bytes that are UTF-8 are a string; others are a string with
// escapes (escape.h), and beside it, as "<name>_base64", exactly what they are.
//
// Thread: any.
std::string JsonLine(const Record& record);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_JSON_H_
