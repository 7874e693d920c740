#include "tools/serve/carry_out.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace trimaran::serve {
namespace {

// Those of a transaction have been answered, as queued.
size_t CommandsOf(const Job& job) { return job.exec ? 0 : job.commands.size(); }

}  // namespace

JobSize SizeOf(const Job& job) {
  JobSize size;
  for (const KnownCommand& each : job.commands) {
    size.bytes += each.command.bytes();
    size.words += each.command.size();
  }
  size.words += job.watched.size();
  return size;
}

void CarryOutCommand(const KnownCommand& command, size_t bytes_max,
                     Workspace& rows, std::string& replies) {
  Reply reply(replies);
  DataCall call{.command = command.command,
                .rows = rows,
                .reply = reply,
                .reply_bytes_max = bytes_max};
  command.spec->data(call);
}

JobAnswers CarryOutJob(const Job& job, Workspace& rows) {
  JobAnswers answers;
  std::string& replies = answers.replies;
  const bool unchanged = std::all_of(
      job.watched.begin(), job.watched.end(), [&rows](const WatchedKey& each) {
        return rows.IsStill(each.key, each.version);
      });
  if (!unchanged) return ChangedReply();
  if (job.exec) Reply(replies).Array(job.commands.size());
  for (const KnownCommand& each : job.commands) {
    if (!job.exec && answers.commands > 0 &&
        replies.size() >= job.output_bytes_max) {
      break;
    }
    // The answer to a transaction is one, and so is its limit.
    const size_t used = job.exec ? replies.size() : 0;
    const size_t left =
        job.reply_bytes_max - std::min(used, job.reply_bytes_max);
    CarryOutCommand(each, left, rows, replies);
    ++answers.commands;
  }
  return answers;
}

JobAnswers ChangedReply() {
  JobAnswers answers;
  Reply(answers.replies).NullArray();
  return answers;
}

JobResult Answered(Job& job, JobAnswers answers) {
  JobResult result{.replies = std::move(answers.replies)};
  if (job.exec) return result;
  result.answered = answers.commands;
  const auto rest =
      job.commands.begin() + static_cast<std::ptrdiff_t>(answers.commands);
  result.rest.assign(std::make_move_iterator(rest),
                     std::make_move_iterator(job.commands.end()));
  return result;
}

JobResult Refused(const Job& job, std::string_view error) {
  JobResult result{.answered = CommandsOf(job)};
  Reply reply(result.replies);
  const bool one = job.exec || job.kind == Job::Kind::kWatch;
  const size_t answers = one ? 1 : job.commands.size();
  for (size_t i = 0; i < answers; ++i) reply.Error(error);
  return result;
}

}  // namespace trimaran::serve
