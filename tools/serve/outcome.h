#ifndef TRIMARAN_TOOLS_SERVE_OUTCOME_H_
#define TRIMARAN_TOOLS_SERVE_OUTCOME_H_

#include <string>

#include "absl/status/status.h"

// What clients are told of errors of the database. The first word is for
// programs:
//
//   ERR        it will not work either when it is tried again
//   TRYAGAIN   not done; it may work later, or at another replica
//   NOTLEADER  not done; this replica does not lead, and does not pass it on
//   UNKNOWN    a write that may or may not be done, now or later
//   FAILED     this replica has failed for good, or stored bytes are damaged
//
// Thread: all functions may be called from any thread.

namespace trimaran::serve {

std::string WriteErrorReply(const absl::Status& status);
// Of one that was never begun.
std::string NotAppliedReply(const absl::Status& status);
std::string ReadErrorReply(const absl::Status& status);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_OUTCOME_H_
