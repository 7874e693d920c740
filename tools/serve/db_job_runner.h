#ifndef TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_
#define TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_

#include <cstdint>
#include <vector>

#include "tools/serve/cursor_table.h"
#include "tools/serve/job.h"
#include "tools/serve/job_lane.h"
#include "tools/serve/write_gatherer.h"
#include "trimaran/db.h"

namespace trimaran::serve {

// Carries jobs out at a database: writes without waiting for them, everything
// else on a few threads of its own, which share what there is to wait for.
//
// Thread: any.
class DbJobRunner final : public JobRunner {
 public:
  // `db` outlives this. `soon` as WriteGatherer says. Throws std::system_error
  // where there is no room for threads.
  DbJobRunner(DB& db, uint64_t first_cursor, WriteGatherer::Soon soon);

  void Submit(Job job, JobDone done) override;

  // Answers what was submitted, and joins. Quick once the database is closed.
  void Stop();

 private:
  void Scan(std::vector<PendingJob> jobs);

  DB& db_;
  CursorTable cursors_;
  WriteGatherer writes_;
  // Those that ask a majority, and those that ask nobody and shall not wait
  // for the others.
  JobLane reads_;
  JobLane local_reads_;
  JobLane updates_;
  JobLane scans_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_DB_JOB_RUNNER_H_
