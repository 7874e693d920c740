#ifndef TRIMARAN_TOOLS_SERVE_READ_ROUND_H_
#define TRIMARAN_TOOLS_SERVE_READ_ROUND_H_

#include <vector>

#include "tools/serve/answers.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Answers jobs of kRead and kWatch, all as of one moment, for which the
// majority is asked once. Waits.
//
// Thread: any.
void RunReadRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_READ_ROUND_H_
