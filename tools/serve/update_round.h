#ifndef TRIMARAN_TOOLS_SERVE_UPDATE_ROUND_H_
#define TRIMARAN_TOOLS_SERVE_UPDATE_ROUND_H_

#include <vector>

#include "tools/serve/answers.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Carries jobs of kUpdate out, one behind the other, as one transaction that
// compares all that they have looked at; when somebody else was quicker, it
// starts over. So any number of clients can count at one row through one
// replica without getting into each other's way. Waits.
//
// Thread: any; several at a time would only be in each other's way.
void RunUpdateRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_UPDATE_ROUND_H_
