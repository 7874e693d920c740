// MULTI and what belongs to it.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tools/serve/command_table.h"
#include "tools/serve/session_state.h"

namespace trimaran::serve {
namespace {

constexpr size_t kWatchedMax = 1000;

void LeaveMulti(SessionState& state) {
  state.in_multi = false;
  state.multi_broken = false;
  state.queued.clear();
  state.queued_bytes = 0;
  state.queued_words = 0;
  state.watched.clear();
}

void Multi(SessionCall& call) {
  if (call.state.in_multi) {
    return call.reply.Error("ERR MULTI calls can not be nested");
  }
  call.state.in_multi = true;
  call.reply.Ok();
}

void Discard(SessionCall& call) {
  if (!call.state.in_multi) {
    return call.reply.Error("ERR DISCARD without MULTI");
  }
  LeaveMulti(call.state);
  call.reply.Ok();
}

// What all of them need.
Job::Kind KindOfTransaction(const SessionState& state) {
  if (!state.watched.empty()) return Job::Kind::kUpdate;
  bool looks = false;
  bool writes = false;
  for (const KnownCommand& each : state.queued) {
    const CommandKind kind = KindOf(*each.spec, each.command);
    looks = looks || kind == CommandKind::kRead || kind == CommandKind::kUpdate;
    writes =
        writes || kind == CommandKind::kWrite || kind == CommandKind::kUpdate;
  }
  if (!writes) return Job::Kind::kRead;
  return looks ? Job::Kind::kUpdate : Job::Kind::kWrite;
}

void Exec(SessionCall& call) {
  SessionState& state = call.state;
  if (!state.in_multi) return call.reply.Error("ERR EXEC without MULTI");
  if (state.multi_broken) {
    LeaveMulti(state);
    return call.reply.Error(
        "EXECABORT Transaction discarded because of previous errors.");
  }
  if (state.queued.empty() && state.watched.empty()) {
    LeaveMulti(state);
    return call.reply.Array(0);
  }
  Job job;
  job.kind = KindOfTransaction(state);
  job.level = state.level;
  job.exec = true;
  job.commands = std::move(state.queued);
  job.watched = std::move(state.watched);
  LeaveMulti(state);
  state.job = std::move(job);
}

void Watch(SessionCall& call) {
  SessionState& state = call.state;
  if (state.in_multi) {
    return call.reply.Error("ERR WATCH inside MULTI is not allowed");
  }
  Job job;
  job.kind = Job::Kind::kWatch;
  job.level = state.level;
  for (size_t at = 1; at < call.command.size(); ++at) {
    const std::string_view key = call.command[at];
    const auto is_this = [key](const WatchedKey& each) {
      return each.key == key;
    };
    // What is watched already is watched since then.
    if (std::any_of(state.watched.begin(), state.watched.end(), is_this) ||
        std::any_of(job.watched.begin(), job.watched.end(), is_this)) {
      continue;
    }
    job.watched.push_back({.key = std::string(key)});
    if (state.watched.size() + job.watched.size() > kWatchedMax) {
      return call.reply.Error("ERR too many keys are watched");
    }
  }
  if (job.watched.empty()) return call.reply.Ok();
  state.job = std::move(job);
}

void Unwatch(SessionCall& call) {
  call.state.watched.clear();
  call.reply.Ok();
}

constexpr auto kSession = CommandKind::kSession;

constexpr std::array kCommands = {
    CommandSpec{.name = "discard",
                .kind = kSession,
                .session = Discard,
                .ends_multi = true},
    CommandSpec{
        .name = "exec", .kind = kSession, .session = Exec, .ends_multi = true},
    CommandSpec{.name = "multi",
                .kind = kSession,
                .session = Multi,
                .ends_multi = true},
    CommandSpec{.name = "unwatch", .kind = kSession, .session = Unwatch},
    CommandSpec{.name = "watch",
                .arity = -2,
                .kind = kSession,
                .keys = {1, -1, 1},
                .session = Watch,
                .ends_multi = true},
};

}  // namespace

absl::Span<const CommandSpec> TransactionCommands() { return kCommands; }

}  // namespace trimaran::serve
