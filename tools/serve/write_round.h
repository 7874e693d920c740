#ifndef TRIMARAN_TOOLS_SERVE_WRITE_ROUND_H_
#define TRIMARAN_TOOLS_SERVE_WRITE_ROUND_H_

#include <vector>

#include "tools/serve/answers.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Makes one write of jobs of kWrite, of several clients: to propose, send and
// apply it is much less work. Does not wait. `port` outlives the database.
//
// Thread: any.
void BeginWriteRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_WRITE_ROUND_H_
