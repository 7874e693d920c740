#ifndef TRIMARAN_TOOLS_SERVE_STATUS_TEXT_H_
#define TRIMARAN_TOOLS_SERVE_STATUS_TEXT_H_

#include <string>

#include "tools/serve/server_report.h"

namespace trimaran::serve {

// The same as StatusJson, in short, for a terminal. Printable ASCII and line
// feeds.
//
// Thread: any.
std::string StatusText(const ServerReport& report);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_STATUS_TEXT_H_
