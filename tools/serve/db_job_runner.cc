#include "tools/serve/db_job_runner.h"

#include <string>
#include <utility>
#include <vector>

#include "tools/serve/carry_out.h"
#include "tools/serve/read_round.h"
#include "tools/serve/scan_call.h"
#include "tools/serve/update_round.h"
#include "tools/serve/write_round.h"

namespace trimaran::serve {
namespace {

// Two, so that the next round asks the majority while a large answer is put
// together, and a long walk over rows leaves another one alive.
constexpr JobLane::Limits kReads{.threads = 2, .jobs = 512};
constexpr JobLane::Limits kLocalReads{.threads = 1, .jobs = 512};
// One: two would only be in each other's way.
constexpr JobLane::Limits kUpdates{.threads = 1, .jobs = 512};
constexpr JobLane::Limits kScans{.threads = 2, .jobs = 1};

Gatherer::Begin Into(JobLane& lane) {
  return
      [&lane](std::vector<PendingJob> jobs) { lane.Submit(std::move(jobs)); };
}

}  // namespace

DbJobRunner::DbJobRunner(DB& db, uint64_t first_cursor, ClientLoop& loop)
    : db_(db),
      loop_(loop),
      cursors_(first_cursor),
      read_lane_(kReads, *this,
                 [this](std::vector<PendingJob> jobs) {
                   RunReadRound(db_, std::move(jobs), *this);
                 }),
      local_lane_(kLocalReads, *this,
                  [this](std::vector<PendingJob> jobs) {
                    RunReadRound(db_, std::move(jobs), *this);
                  }),
      update_lane_(kUpdates, *this,
                   [this](std::vector<PendingJob> jobs) {
                     RunUpdateRound(db_, std::move(jobs), *this);
                   }),
      scan_lane_(
          kScans, *this,
          [this](std::vector<PendingJob> jobs) { Scan(std::move(jobs)); }),
      writes_(loop,
              [this](std::vector<PendingJob> jobs) {
                BeginWriteRound(db_, std::move(jobs), *this);
              }),
      reads_(loop, Into(read_lane_)),
      local_reads_(loop, Into(local_lane_)),
      updates_(loop, Into(update_lane_)),
      scans_(loop, Into(scan_lane_)) {}

void DbJobRunner::Submit(Job job, JobDone done) {
  Gatherer& gatherer = GathererOf(job);
  gatherer.Add({std::move(job), std::move(done)});
}

Gatherer& DbJobRunner::GathererOf(const Job& job) {
  switch (job.kind) {
    case Job::Kind::kWrite:
      return writes_;
    case Job::Kind::kUpdate:
      return updates_;
    case Job::Kind::kScan:
      return scans_;
    case Job::Kind::kRead:
    case Job::Kind::kWatch:
      break;
  }
  return job.level == ReadLevel::kLocal ? local_reads_ : reads_;
}

void DbJobRunner::Stop() {
  read_lane_.Stop();
  local_lane_.Stop();
  update_lane_.Stop();
  scan_lane_.Stop();
}

void DbJobRunner::Deliver(std::vector<AnsweredJob> answers) {
  loop_.Post([answers = std::move(answers)]() mutable {
    for (AnsweredJob& each : answers) each.done(std::move(each.result));
  });
}

void DbJobRunner::Scan(std::vector<PendingJob> jobs) {
  Answers answers(*this);
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
    answers.Add(each, Answered(each.job,
                               {.replies = std::move(answer), .commands = 1}));
  }
}

}  // namespace trimaran::serve
