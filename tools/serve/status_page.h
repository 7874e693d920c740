#ifndef TRIMARAN_TOOLS_SERVE_STATUS_PAGE_H_
#define TRIMARAN_TOOLS_SERVE_STATUS_PAGE_H_

#include <string_view>

namespace trimaran::serve {

// A page of HTML that asks /status.json every second. It needs nothing else,
// from nowhere.
//
// Thread: any.
std::string_view StatusPage();

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_STATUS_PAGE_H_
