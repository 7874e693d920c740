#include "tools/serve/read_round.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/serve/carry_out.h"
#include "tools/serve/key_span.h"
#include "tools/serve/outcome.h"
#include "tools/serve/row_view.h"

namespace trimaran::serve {
namespace {

// The level that is enough for all.
ReadLevel StrictestOf(const std::vector<PendingJob>& jobs) {
  ReadLevel level = ReadLevel::kLocal;
  for (const PendingJob& each : jobs) {
    level = std::min(level, each.job.level);
  }
  return level;
}
static_assert(ReadLevel::kLinearizable < ReadLevel::kLease &&
              ReadLevel::kLease < ReadLevel::kLocal);

JobResult ReadVersions(Job& job, DB& db, RowView& rows) {
  std::vector<std::string> absent;
  for (WatchedKey& each : job.watched) {
    const auto version = rows.Version(each.key);
    if (!version.ok()) return Refused(job, ReadErrorReply(version.status()));
    each.version = *version;
    if (each.version == 0) absent.push_back(each.key);
  }
  if (!absent.empty()) {
    const auto since = AbsentRows::Since(db, std::move(absent), rows.index());
    for (WatchedKey& each : job.watched) {
      if (each.version == 0) each.absent = since;
    }
  }
  JobResult result{.watched = std::move(job.watched)};
  Reply(result.replies).Ok();
  return result;
}

JobResult ReadTransaction(Job& job, RowSource& rows) {
  Workspace workspace(&rows);
  JobAnswers answers = CarryOutJob(job, workspace);
  if (!workspace.status().ok()) {
    return Refused(job, ReadErrorReply(workspace.status()));
  }
  return Answered(job, std::move(answers));
}

// As many as there is room for, and one at least.
JobResult ReadCommands(Job& job, RowSource& rows) {
  JobResult result;
  auto next = job.commands.begin();
  while (
      next != job.commands.end() &&
      (result.answered == 0 || result.replies.size() < job.output_bytes_max)) {
    const size_t begin = result.replies.size();
    Workspace workspace(&rows);
    CarryOutCommand(*next, job.reply_bytes_max, workspace, result.replies);
    if (!workspace.status().ok()) {
      result.replies.resize(begin);
      Reply(result.replies).Error(ReadErrorReply(workspace.status()));
    }
    ++result.answered;
    ++next;
  }
  result.rest.assign(std::make_move_iterator(next),
                     std::make_move_iterator(job.commands.end()));
  return result;
}

JobResult ReadOne(Job& job, DB& db, RowView& rows) {
  if (job.kind == Job::Kind::kWatch) return ReadVersions(job, db, rows);
  return job.exec ? ReadTransaction(job, rows) : ReadCommands(job, rows);
}

}  // namespace

void RunReadRound(DB& db, std::vector<PendingJob> jobs, AnswerPort& port) {
  const KeySpan span = SpanOf(jobs);
  const auto rows =
      RowView::Open(db, span.first, span.last, {.level = StrictestOf(jobs)});
  Answers answers(port);
  for (PendingJob& each : jobs) {
    answers.Add(each, rows.ok()
                          ? ReadOne(each.job, db, **rows)
                          : Refused(each.job, ReadErrorReply(rows.status())));
  }
}

}  // namespace trimaran::serve
