#ifndef TRIMARAN_TOOLS_SERVE_SESSION_H_
#define TRIMARAN_TOOLS_SERVE_SESSION_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "tools/serve/command.h"
#include "tools/serve/job.h"
#include "tools/serve/session_state.h"

namespace trimaran::serve {

struct SessionLimits {
  size_t reply_bytes_max = size_t{64} << 20;
  // No more commands are begun while so much is still to be sent.
  size_t output_bytes_max = size_t{1} << 20;
  size_t multi_bytes_max = size_t{32} << 20;
};

// One client's commands, in their order, and what is to be done about them.
// Commands that follow each other are done together where that is the same:
// those that look as of one moment, those that write as one write. No I/O, no
// clock; whoever owns it carries out its jobs, one at a time.
//
// Thread: owner.
class Session {
 public:
  // `server` outlives this.
  Session(const SessionLimits& limits, ServerFacts& server, ClientFacts facts,
          ReadLevel level);

  void Push(Command command);
  // Answers all that came before, then this, and closes.
  void PushLast(std::string error);
  // From now on commands that have not been begun are answered with this.
  void RefuseAll(std::string error);

  // Answers what can be answered at once, behind `output`. The job that comes
  // next, or nothing: there is nothing left to do, or too much to be sent. Not
  // while a job is under way.
  std::optional<Job> Advance(std::string& output);
  // The job is done.
  void Finish(JobResult result, std::string& output);

  // Nothing more is to be read, and what was answered is the last thing.
  bool closing() const { return state_.closing; }
  bool busy() const { return job_kind_.has_value(); }
  bool idle() const { return !busy() && commands_.empty() && !last_error_; }
  bool can_advance() const {
    return !busy() && !closing() && (!commands_.empty() || last_error_);
  }
  // Of commands that wait.
  size_t waiting_bytes() const { return waiting_bytes_; }
  size_t commands_done() const { return commands_done_; }
  std::string_view last_command() const { return last_command_; }
  const SessionState& state() const { return state_; }

 private:
  // The command at the front is answered, or queued behind MULTI, or becomes
  // (the beginning of) a job.
  std::optional<Job> Begin(std::string& output);
  std::optional<Job> BeginKnown(const CommandSpec& spec, std::string& output);
  void Queue(const CommandSpec& spec, Reply reply);
  Job TakeRun(const CommandSpec& first);
  Command TakeFront();
  // Why the command cannot even be begun; empty if it can.
  std::string Objection(const CommandSpec* spec, const Command& command) const;
  Job MakeJob(Job::Kind kind) const;

  const SessionLimits limits_;
  ServerFacts& server_;
  SessionState state_;
  std::deque<Command> commands_;
  size_t waiting_bytes_ = 0;
  std::optional<std::string> last_error_;
  std::optional<std::string> refusal_;
  // Of the job that is under way.
  std::optional<Job::Kind> job_kind_;
  size_t commands_done_ = 0;
  std::string_view last_command_ = "NULL";
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SESSION_H_
