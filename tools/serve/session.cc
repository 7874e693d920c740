#include "tools/serve/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/logging.h"
#include "tools/serve/carry_out.h"
#include "tools/serve/workspace.h"

namespace trimaran::serve {
namespace {

// What is done together: enough to share the cost of a write, little enough
// not to hold anybody up. One command may be larger.
constexpr size_t kRunCommandsMax = 512;
constexpr size_t kRunBytesMax = size_t{1} << 20;
constexpr size_t kRunWordsMax = 20'000;
// What the most changes that a transaction may have can need: a command of more
// than four words for one row is a condition, too, which counts as much. A word
// without a byte takes memory all the same, and EXEC makes changes of all of
// them before those are counted.
constexpr size_t kQueuedCommandsMax = 65'536;
constexpr size_t kQueuedWordsMax = 4 * kQueuedCommandsMax;

// A page of somebody else's can have a browser send anything to a port of this
// machine, behind a head whose lines begin so. What follows is not obeyed.
bool IsOfABrowser(std::string_view word) {
  return SameWord(word, "post") || SameWord(word, "host:");
}

bool IsAboutRows(CommandKind kind) {
  return kind == CommandKind::kRead || kind == CommandKind::kWrite ||
         kind == CommandKind::kUpdate;
}

// What does both when they are done together.
Job::Kind Together(Job::Kind a, Job::Kind b) {
  return a == b ? a : Job::Kind::kUpdate;
}

Job::Kind JobKindOf(CommandKind kind) {
  switch (kind) {
    case CommandKind::kWrite:
      return Job::Kind::kWrite;
    case CommandKind::kUpdate:
      return Job::Kind::kUpdate;
    default:
      return Job::Kind::kRead;
  }
}

std::string UnknownCommand(const Command& command) {
  constexpr size_t shown_max = 128;
  std::string text = absl::StrCat("ERR unknown command '",
                                  EscapeForLog(command[0].substr(0, shown_max)),
                                  "', with args beginning with: ");
  for (size_t at = 1; at < command.size() && text.size() < shown_max; ++at) {
    absl::StrAppend(&text, "'", EscapeForLog(command[at].substr(0, shown_max)),
                    "' ");
  }
  return text;
}

}  // namespace

Session::Session(const SessionLimits& limits, ServerFacts& server,
                 ClientFacts facts, ReadLevel level)
    : limits_(limits), server_(server) {
  state_.facts = std::move(facts);
  state_.authenticated = !server.needs_password();
  state_.level = level;
  state_.usual_level = level;
}

void Session::Push(Command command) {
  waiting_bytes_ += command.footprint();
  commands_.push_back(std::move(command));
}

void Session::PushLast(std::string error) { last_error_ = std::move(error); }

void Session::RefuseAll(std::string error) { refusal_ = std::move(error); }

std::optional<Job> Session::Advance(std::string& output) {
  TRIMARAN_CHECK(!busy());
  while (!state_.closing && output.size() < limits_.output_bytes_max) {
    if (commands_.empty()) {
      if (!last_error_) return std::nullopt;
      Reply(output).Error(*last_error_);
      state_.closing = true;
      return std::nullopt;
    }
    std::optional<Job> job = Begin(output);
    if (job) {
      job_kind_ = job->kind;
      return job;
    }
  }
  return std::nullopt;
}

void Session::Finish(JobResult result, std::string& output) {
  TRIMARAN_CHECK(busy());
  job_kind_.reset();
  Reply(output).Raw(result.replies);
  commands_done_ += result.answered;
  for (WatchedKey& each : result.watched) {
    state_.watched.push_back(std::move(each));
  }
  while (!result.rest.empty()) {
    waiting_bytes_ += result.rest.back().command.footprint();
    commands_.push_front(std::move(result.rest.back().command));
    result.rest.pop_back();
  }
}

std::optional<Job> Session::Begin(std::string& output) {
  if (IsOfABrowser(commands_.front()[0])) {
    state_.closing = true;
    return std::nullopt;
  }
  const CommandSpec* spec = FindCommand(commands_.front()[0]);
  std::string objection = Objection(spec, commands_.front());
  if (objection.empty()) return BeginKnown(*spec, output);
  if (state_.in_multi) state_.multi_broken = true;
  Reply(output).Error(objection);
  TakeFront();
  ++commands_done_;
  return std::nullopt;
}

std::optional<Job> Session::BeginKnown(const CommandSpec& spec,
                                       std::string& output) {
  last_command_ = spec.name;
  Reply reply(output);
  if (spec.kind == CommandKind::kSession &&
      (!state_.in_multi || spec.ends_multi)) {
    const Command command = TakeFront();
    SessionCall call{
        .command = command, .state = state_, .server = server_, .reply = reply};
    spec.session(call);
    ++commands_done_;
    std::optional<Job> job = std::exchange(state_.job, std::nullopt);
    if (job) job->reply_bytes_max = limits_.reply_bytes_max;
    return job;
  }
  if (state_.in_multi) {
    Queue(spec, reply);
    return std::nullopt;
  }
  if (spec.kind == CommandKind::kPure) {
    const KnownCommand known{.spec = &spec, .command = TakeFront()};
    Workspace nothing(nullptr);
    CarryOutCommand(known, limits_.reply_bytes_max, nothing, output);
    ++commands_done_;
    return std::nullopt;
  }
  if (spec.kind == CommandKind::kScan) {
    Job job = MakeJob(Job::Kind::kScan);
    job.commands.push_back({.spec = &spec, .command = TakeFront()});
    return job;
  }
  return TakeRun(spec);
}

void Session::Queue(const CommandSpec& spec, Reply reply) {
  Command command = TakeFront();
  ++commands_done_;
  state_.queued_bytes += command.bytes();
  state_.queued_words += command.size();
  if (spec.kind == CommandKind::kScan || spec.kind == CommandKind::kSession) {
    state_.multi_broken = true;
    return reply.Error(absl::StrCat("ERR '", ToAbsl(spec.name),
                                    "' inside MULTI is not supported"));
  }
  if (state_.queued_bytes > limits_.multi_bytes_max ||
      state_.queued_words > kQueuedWordsMax ||
      state_.queued.size() == kQueuedCommandsMax) {
    state_.multi_broken = true;
    state_.queued.clear();
    return reply.Error("ERR the transaction is too large");
  }
  // Of one that will never be done, nothing is kept.
  if (!state_.multi_broken) {
    command.Shrink();
    state_.queued.push_back({.spec = &spec, .command = std::move(command)});
  }
  reply.Simple("QUEUED");
}

Job Session::TakeRun(const CommandSpec& first) {
  Job job = MakeJob(JobKindOf(KindOf(first, commands_.front())));
  size_t bytes = 0;
  size_t words = 0;
  const CommandSpec* spec = &first;
  while (true) {
    bytes += commands_.front().bytes();
    words += commands_.front().size();
    job.commands.push_back({.spec = spec, .command = TakeFront()});
    if (commands_.empty() || job.commands.size() == kRunCommandsMax) break;
    const Command& next = commands_.front();
    spec = FindCommand(next[0]);
    if (!Objection(spec, next).empty()) break;
    const CommandKind kind = KindOf(*spec, next);
    if (!IsAboutRows(kind) || bytes + next.bytes() > kRunBytesMax ||
        words + next.size() > kRunWordsMax) {
      break;
    }
    job.kind = Together(job.kind, JobKindOf(kind));
  }
  last_command_ = job.commands.back().spec->name;
  return job;
}

Command Session::TakeFront() {
  Command command = std::move(commands_.front());
  commands_.pop_front();
  waiting_bytes_ -= command.footprint();
  return command;
}

std::string Session::Objection(const CommandSpec* spec,
                               const Command& command) const {
  if (refusal_) return *refusal_;
  if (spec == nullptr) return UnknownCommand(command);
  if (!ArityFits(*spec, command)) {
    return absl::StrCat("ERR wrong number of arguments for '",
                        ToAbsl(spec->name), "' command");
  }
  if (!state_.authenticated && !spec->anybody) {
    return "NOAUTH Authentication required.";
  }
  return WrongKey(*spec, command);
}

Job Session::MakeJob(Job::Kind kind) const {
  return {.kind = kind,
          .level = state_.level,
          .reply_bytes_max = limits_.reply_bytes_max,
          .output_bytes_max = limits_.output_bytes_max};
}

}  // namespace trimaran::serve
