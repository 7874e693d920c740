#ifndef TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_
#define TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_

#include <cstdint>
#include <vector>

#include "tools/serve/answers.h"
#include "tools/serve/client_loop.h"
#include "tools/serve/cursor_table.h"
#include "tools/serve/gatherer.h"
#include "tools/serve/job.h"
#include "tools/serve/job_lane.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Carries jobs out at a database: writes without waiting for them, everything
// else on a few threads of its own. What is submitted in one turn of the loop
// goes together, there and back.
//
// Thread: the loop's, but for the constructor and Stop.
class DbJobRunner final : public JobRunner, private AnswerPort {
 public:
  // `db` and `loop` outlive this, and neither does anything more when it goes.
  // Throws std::system_error where there is no room for threads.
  DbJobRunner(DB& db, uint64_t first_cursor, ClientLoop& loop);

  void Submit(Job job, JobDone done) override;

  // Has what is under way answered, refuses what is begun later, and joins.
  // Quick once the database is closed. Thread: any but the loop's.
  void Stop();

 private:
  void Deliver(std::vector<AnsweredJob> answers) override;
  Gatherer& GathererOf(const Job& job);
  void Scan(std::vector<PendingJob> jobs);

  DB& db_;
  ClientLoop& loop_;
  CursorTable cursors_;
  // Those that ask a majority, and those that ask nobody and shall not wait
  // for the others.
  JobLane read_lane_;
  JobLane local_lane_;
  JobLane update_lane_;
  JobLane scan_lane_;
  Gatherer writes_;
  Gatherer reads_;
  Gatherer local_reads_;
  Gatherer updates_;
  Gatherer scans_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_
