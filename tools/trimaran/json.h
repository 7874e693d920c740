#ifndef TRIMARAN_TOOLS_TRIMARAN_JSON_H_
#define TRIMARAN_TOOLS_TRIMARAN_JSON_H_

#include <string>

#include "tools/trimaran/record.h"

namespace trimaran::tool {

// The record as one JSON object on one line, without the line feed. "type"
// comes first. Bytes that are UTF-8 are a string; others are a string with
// escapes (escape.h), and beside it, as "<name>_base64", exactly what they are.
//
// Thread: any.
std::string JsonLine(const Record& record);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_JSON_H_
