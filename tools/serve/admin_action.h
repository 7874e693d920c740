#ifndef TRIMARAN_TOOLS_SERVE_ADMIN_ACTION_H_
#define TRIMARAN_TOOLS_SERVE_ADMIN_ACTION_H_

#include <string_view>

#include "tools/serve/http_request.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Carries out "POST /admin/<action>", and waits for it. The answer is one
// object of JSON: {"ok": true, ...}, or {"error": "...", "outcome": "not
// applied" or "unknown", "leader": N}.
//
// Thread: any.
HttpResponse RunAdminAction(DB& db, std::string_view action,
                            const HttpRequest& request);

// Whether somebody may do that: whoever shows the token, where there is one;
// else programs of this machine, but no page that a browser on it happens to
// show. Empty, or why not.
//
// Thread: any.
std::string_view WhyForbidden(const HttpRequest& request, bool from_here,
                              std::string_view token);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_ADMIN_ACTION_H_
