#include "tools/serve/db_job_runner.h"

#include <string>
#include <utility>
#include <vector>

#include "tools/serve/carry_out.h"
#include "tools/serve/read_round.h"
#include "tools/serve/scan_call.h"
#include "tools/serve/update_round.h"

namespace trimaran::serve {
namespace {

// Two, so that the next round asks the majority while a large answer is put
// together, and a long walk over rows leaves another one alive.
constexpr JobLane::Limits kReads{.threads = 2, .jobs = 512};
constexpr JobLane::Limits kLocalReads{.threads = 1, .jobs = 512};
// One: two would only be in each other's way.
constexpr JobLane::Limits kUpdates{.threads = 1, .jobs = 512};
constexpr JobLane::Limits kScans{.threads = 2, .jobs = 1};

}  // namespace

DbJobRunner::DbJobRunner(DB& db, uint64_t first_cursor,
                         WriteGatherer::Soon soon)
    : db_(db),
      cursors_(first_cursor),
      writes_(db, std::move(soon)),
      reads_(kReads,
             [this](std::vector<PendingJob> jobs) {
               RunReadRound(db_, std::move(jobs));
             }),
      local_reads_(kLocalReads,
                   [this](std::vector<PendingJob> jobs) {
                     RunReadRound(db_, std::move(jobs));
                   }),
      updates_(kUpdates,
               [this](std::vector<PendingJob> jobs) {
                 RunUpdateRound(db_, std::move(jobs));
               }),
      scans_(kScans,
             [this](std::vector<PendingJob> jobs) { Scan(std::move(jobs)); }) {}

void DbJobRunner::Submit(Job job, JobDone done) {
  switch (job.kind) {
    case Job::Kind::kWrite:
      return writes_.Submit({std::move(job), std::move(done)});
    case Job::Kind::kUpdate:
      return updates_.Submit({std::move(job), std::move(done)});
    case Job::Kind::kScan:
      return scans_.Submit({std::move(job), std::move(done)});
    case Job::Kind::kRead:
    case Job::Kind::kWatch:
      break;
  }
  JobLane& lane = job.level == ReadLevel::kLocal ? local_reads_ : reads_;
  lane.Submit({std::move(job), std::move(done)});
}

void DbJobRunner::Stop() {
  writes_.Flush();
  reads_.Stop();
  local_reads_.Stop();
  updates_.Stop();
  scans_.Stop();
}

void DbJobRunner::Scan(std::vector<PendingJob> jobs) {
  for (PendingJob& each : jobs) {
    std::string answer;
    Reply reply(answer);
    const KnownCommand& command = each.job.commands.front();
    ScanCall call{.command = command.command,
                  .db = db_,
                  .read = {.level = each.job.level},
                  .cursors = cursors_,
                  .reply = reply,
                  .reply_bytes_max = each.job.reply_bytes_max};
    command.spec->scan(call);
    each.done(Answered(each.job, std::move(answer)));
  }
}

}  // namespace trimaran::serve
