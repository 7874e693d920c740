#include "tests/net/replica_commands.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "engine/base/absl_compat.h"
#include "engine/base/random.h"
#include "trimaran/admin.h"
#include "trimaran/errors.h"

namespace trimaran::net {
namespace {

constexpr size_t kFillBatchBytes = size_t{1} << 20;

std::optional<absl::Duration> TimeoutOf(const Request& request) {
  if (request.timeout_ms == 0) return std::nullopt;
  return absl::Milliseconds(request.timeout_ms);
}

WriteOptions WriteOptionsOf(const Request& request) {
  return {.timeout = TimeoutOf(request)};
}

uint64_t NumberAt(const Request& request, size_t at) {
  uint64_t number = 0;
  if (at >= request.arguments.size() ||
      !absl::SimpleAtoi(request.arguments[at], &number)) {
    return 0;
  }
  return number;
}

// The level is the first argument; its number is `extra`.
ReadOptions ReadOptionsOf(const Request& request, size_t extra) {
  const std::string& level = request.arguments[0];
  ReadOptions options;
  if (level == "lease") options = ReadOptions::Lease();
  if (level == "local") options = ReadOptions::Local();
  if (level == "at-least") {
    options = ReadOptions::AtLeast(NumberAt(request, extra));
  }
  if (level == "bounded") {
    options =
        ReadOptions::Bounded(absl::Milliseconds(NumberAt(request, extra)));
  }
  options.timeout = TimeoutOf(request);
  return options;
}

std::string_view OutcomeText(WriteOutcome outcome) {
  switch (outcome) {
    case WriteOutcome::kApplied:
      return "applied";
    case WriteOutcome::kNotApplied:
      return "not-applied";
    default:
      return "unknown";
  }
}

Answer StatusAnswer(const Request& request, const absl::Status& status) {
  if (!status.ok()) return ErrorAnswer(request.id, status);
  return {.id = request.id, .ok = true};
}

Answer CommitAnswer(const Request& request,
                    const absl::StatusOr<CommitInfo>& commit) {
  Answer answer = StatusAnswer(request, commit.status());
  if (!commit.ok()) return answer;
  answer.Add("index", commit->index);
  answer.Add("term", commit->term);
  return answer;
}

MemberInfo MemberAt(const Request& request, size_t at) {
  return {.name = absl::StrCat("replica ", request.arguments[at - 1]),
          .address = request.arguments[at]};
}

void AddMembers(const ReplicaStatus& status, Answer& answer) {
  for (const MemberStatus& member : status.members) {
    answer.Add(member.voter ? "voter" : "learner", member.id);
    answer.Add(absl::StrCat("address.", member.id), member.info.address);
    answer.Add(absl::StrCat("store.", member.id), member.store_id);
  }
  for (const PeerStatus& peer : status.peers) {
    answer.Add(absl::StrCat("durable.", peer.id), peer.durable);
    answer.Add(absl::StrCat("active.", peer.id),
               uint64_t{peer.recently_active});
    answer.Add(absl::StrCat("snapshot.", peer.id),
               uint64_t{peer.needs_snapshot});
  }
}

void AddNetwork(const NetworkStatus& network, Answer& answer) {
  for (const ConnectionStatus& connection : network.connections) {
    const std::string name = absl::StrCat("link.", connection.peer, ".");
    answer.Add(name + "sending", uint64_t{connection.sending});
    answer.Add(name + "receiving", uint64_t{connection.receiving});
    answer.Add(name + "refused", uint64_t{connection.refused});
    answer.Add(name + "error", connection.error);
    answer.Add(name + "connects", connection.connects);
    answer.Add(name + "dropped", connection.messages_dropped);
  }
  answer.Add("turned_away", network.strangers_turned_away);
  answer.Add("peers_refused", network.peers_refused);
}

void AddCounters(const ReplicaCounters& counters, Answer& answer) {
  answer.Add("elections_won", counters.elections_won);
  answer.Add("leader_changes", counters.leader_changes);
  answer.Add("snapshots_produced", counters.snapshots_produced);
  answer.Add("snapshots_installed", counters.snapshots_installed);
  answer.Add("messages_refused", counters.messages_refused);
  answer.Add("messages_of_strangers", counters.messages_of_strangers);
}

}  // namespace

Answer ErrorAnswer(uint64_t id, const absl::Status& status) {
  Answer answer{.id = id, .ok = false};
  answer.Add("code", absl::StatusCodeToString(status.code()));
  answer.Add("outcome", OutcomeText(OutcomeOf(status)));
  answer.Add("not_leader", uint64_t{IsNotLeader(status)});
  answer.Add("leader", LeaderIdOf(status));
  answer.Add("message", ToStd(status.message()));
  return answer;
}

// ---- Which call a line makes ----

struct ReplicaCommands::Command {
  const char* name;
  size_t arguments_min;
  Handler handler;
};

const ReplicaCommands::Command ReplicaCommands::kCommands[] = {
    {"put", 2, &ReplicaCommands::Put},
    {"delete", 1, &ReplicaCommands::Delete},
    {"put-several", 2, &ReplicaCommands::PutSeveral},
    {"cas", 3, &ReplicaCommands::CompareAndPut},
    {"cas-absent", 2, &ReplicaCommands::PutIfAbsent},
    {"swap", 2, &ReplicaCommands::Swap},
    {"read-by-command", 1, &ReplicaCommands::ReadByCommand},
    {"get", 2, &ReplicaCommands::Get},
    {"read", 2, &ReplicaCommands::Read},
    {"scan", 4, &ReplicaCommands::Scan},
    {"count", 3, &ReplicaCommands::Count},
    {"fill", 3, &ReplicaCommands::Fill},
    {"add-learner", 2, &ReplicaCommands::AddLearner},
    {"add-voter", 2, &ReplicaCommands::AddVoter},
    {"promote", 1, &ReplicaCommands::Promote},
    {"remove", 1, &ReplicaCommands::Remove},
    {"replace", 3, &ReplicaCommands::Replace},
    {"update", 2, &ReplicaCommands::Update},
    {"transfer", 1, &ReplicaCommands::Transfer},
    {"checkpoint", 0, &ReplicaCommands::Checkpoint},
    {"compact", 0, &ReplicaCommands::Compact},
    {"consistency", 0, &ReplicaCommands::Consistency},
    {"verify", 0, &ReplicaCommands::Verify},
    {"backup", 1, &ReplicaCommands::Backup},
    {"status", 0, &ReplicaCommands::Status},
    {"metrics", 0, &ReplicaCommands::Metrics},
    {"memory", 0, &ReplicaCommands::Memory},
};

Answer ReplicaCommands::Execute(const Request& request) {
  for (const Command& command : kCommands) {
    if (command.name != request.operation) continue;
    if (request.arguments.size() < command.arguments_min) break;
    return (this->*command.handler)(request);
  }
  return ErrorAnswer(request.id,
                     absl::InvalidArgumentError(absl::StrCat(
                         request.operation, ": no such call, or too little")));
}

// ---- Writing ----

Answer ReplicaCommands::Put(const Request& request) {
  return CommitAnswer(request,
                      db_.Put(request.arguments[0], request.arguments[1],
                              WriteOptionsOf(request)));
}

Answer ReplicaCommands::Delete(const Request& request) {
  return CommitAnswer(
      request, db_.Delete(request.arguments[0], WriteOptionsOf(request)));
}

Answer ReplicaCommands::PutSeveral(const Request& request) {
  WriteBatch batch;
  for (size_t at = 1; at < request.arguments.size(); ++at) {
    batch.Put(request.arguments[at], request.arguments[0]);
  }
  return CommitAnswer(request, db_.Write(batch, WriteOptionsOf(request)));
}

Answer ReplicaCommands::CompareAndPut(const Request& request) {
  Transaction transaction;
  transaction.IfValueIs(request.arguments[0], request.arguments[1]);
  transaction.then.Put(request.arguments[0], request.arguments[2]);
  return Commit(request, transaction);
}

Answer ReplicaCommands::PutIfAbsent(const Request& request) {
  Transaction transaction;
  transaction.IfAbsent(request.arguments[0]);
  transaction.then.Put(request.arguments[0], request.arguments[1]);
  return Commit(request, transaction);
}

Answer ReplicaCommands::Swap(const Request& request) {
  Transaction transaction;
  transaction.then.Get(request.arguments[0]);
  transaction.then.Put(request.arguments[0], request.arguments[1]);
  return Commit(request, transaction);
}

Answer ReplicaCommands::ReadByCommand(const Request& request) {
  Transaction transaction;
  transaction.then.Get(request.arguments[0]);
  return Commit(request, transaction);
}

Answer ReplicaCommands::Commit(const Request& request,
                               const Transaction& transaction) {
  const auto result = db_.Commit(transaction, WriteOptionsOf(request));
  Answer answer = StatusAnswer(request, result.status());
  if (!result.ok()) return answer;
  answer.Add("index", result->commit.index);
  answer.Add("term", result->commit.term);
  answer.Add("succeeded", uint64_t{result->succeeded});
  answer.Add("reads_dropped", uint64_t{result->reads_dropped});
  if (!result->reads.empty() && result->reads.front()) {
    answer.Add("value", *result->reads.front());
  }
  return answer;
}

Answer ReplicaCommands::Fill(const Request& request) {
  const std::string& prefix = request.arguments[0];
  const uint64_t rows = NumberAt(request, 1);
  const uint64_t bytes = NumberAt(request, 2);
  SeededRandom random(rows + bytes);
  WriteBatch batch;
  for (uint64_t row = 0; row < rows; ++row) {
    std::string value;
    while (value.size() < bytes) {
      const uint64_t word = random.Next();
      value.append(reinterpret_cast<const char*>(&word), sizeof(word));
    }
    batch.Put(absl::StrCat(prefix, absl::Dec(row, absl::kZeroPad8)), value);
    if (batch.bytes() < kFillBatchBytes && row + 1 < rows) continue;
    const auto written = db_.Write(batch, WriteOptionsOf(request));
    if (!written.ok()) return ErrorAnswer(request.id, written.status());
    batch.Clear();
  }
  return {.id = request.id, .ok = true};
}

// ---- Reading ----

Answer ReplicaCommands::Get(const Request& request) {
  auto value = db_.Get(request.arguments[1], ReadOptionsOf(request, 2));
  Answer answer = StatusAnswer(request, value.status());
  if (value.ok() && value->has_value()) answer.Add("value", **value);
  return answer;
}

Answer ReplicaCommands::Read(const Request& request) {
  const std::string& key = request.arguments[1];
  const auto rows = db_.Scan({.begin = key, .end = key + '\0'},
                             {.read = ReadOptionsOf(request, 2)});
  Answer answer = StatusAnswer(request, rows.status());
  if (!rows.ok()) return answer;
  if ((*rows)->Valid()) {
    answer.Add("value", (*rows)->value());
    answer.Add("version", (*rows)->version());
  }
  if (!(*rows)->status().ok()) {
    return ErrorAnswer(request.id, (*rows)->status());
  }
  answer.Add("index", (*rows)->index());
  return answer;
}

Answer ReplicaCommands::Scan(const Request& request) {
  ScanOptions options;
  options.read = ReadOptionsOf(request, 4);
  options.limit = NumberAt(request, 3);
  const auto rows = db_.Scan(
      {.begin = request.arguments[1], .end = request.arguments[2]}, options);
  Answer answer = StatusAnswer(request, rows.status());
  if (!rows.ok()) return answer;
  for (; (*rows)->Valid(); (*rows)->Next()) {
    answer.Add("key", (*rows)->key());
    answer.Add("value", (*rows)->value());
  }
  if (!(*rows)->status().ok()) {
    return ErrorAnswer(request.id, (*rows)->status());
  }
  answer.Add("index", (*rows)->index());
  return answer;
}

Answer ReplicaCommands::Count(const Request& request) {
  const auto rows =
      db_.Scan({.begin = request.arguments[1], .end = request.arguments[2]},
               {.read = ReadOptionsOf(request, 3)});
  Answer answer = StatusAnswer(request, rows.status());
  if (!rows.ok()) return answer;
  uint64_t count = 0;
  for (; (*rows)->Valid(); (*rows)->Next()) ++count;
  if (!(*rows)->status().ok()) {
    return ErrorAnswer(request.id, (*rows)->status());
  }
  answer.Add("rows", count);
  return answer;
}

// ---- Members ----

Answer ReplicaCommands::AddLearner(const Request& request) {
  return StatusAnswer(request, db_.admin().AddLearner(NumberAt(request, 0),
                                                      MemberAt(request, 1),
                                                      WriteOptionsOf(request)));
}
Answer ReplicaCommands::AddVoter(const Request& request) {
  return StatusAnswer(
      request, db_.admin().AddVoter(NumberAt(request, 0), MemberAt(request, 1),
                                    WriteOptionsOf(request)));
}
Answer ReplicaCommands::Promote(const Request& request) {
  return StatusAnswer(request, db_.admin().Promote(NumberAt(request, 0),
                                                   WriteOptionsOf(request)));
}
Answer ReplicaCommands::Remove(const Request& request) {
  return StatusAnswer(request, db_.admin().Remove(NumberAt(request, 0),
                                                  WriteOptionsOf(request)));
}
Answer ReplicaCommands::Replace(const Request& request) {
  return StatusAnswer(
      request,
      db_.admin().Replace(NumberAt(request, 0), NumberAt(request, 1),
                          MemberAt(request, 2), WriteOptionsOf(request)));
}
Answer ReplicaCommands::Update(const Request& request) {
  return StatusAnswer(request, db_.admin().UpdateMember(
                                   NumberAt(request, 0), MemberAt(request, 1),
                                   WriteOptionsOf(request)));
}
Answer ReplicaCommands::Transfer(const Request& request) {
  return StatusAnswer(request,
                      db_.admin().TransferLeadership(NumberAt(request, 0),
                                                     WriteOptionsOf(request)));
}

// ---- Maintenance ----

Answer ReplicaCommands::Checkpoint(const Request& request) {
  const auto place = db_.admin().Checkpoint();
  Answer answer = StatusAnswer(request, place.status());
  if (place.ok()) answer.Add("index", place->index);
  return answer;
}

Answer ReplicaCommands::Compact(const Request& request) {
  const auto place = db_.admin().Checkpoint();
  if (!place.ok()) return ErrorAnswer(request.id, place.status());
  return CommitAnswer(
      request, db_.admin().CompactLog(place->index, WriteOptionsOf(request)));
}

Answer ReplicaCommands::Consistency(const Request& request) {
  const auto result = db_.admin().CheckConsistency(
      TimeoutOf(request).value_or(absl::Seconds(30)));
  Answer answer = StatusAnswer(request, result.status());
  if (!result.ok()) return answer;
  answer.Add("index", result->place.index);
  answer.Add("consistent", uint64_t{result->consistent});
  answer.Add("diverged", uint64_t{result->diverged});
  for (const ReplicaDigest& digest : result->replicas) {
    answer.Add(absl::StrCat("hash.", digest.replica), digest.hash);
    answer.Add(absl::StrCat("rows.", digest.replica), digest.rows);
    answer.Add(absl::StrCat("error.", digest.replica), digest.error);
  }
  return answer;
}

Answer ReplicaCommands::Verify(const Request& request) {
  const auto result = db_.admin().Verify(VerifyDepth::kFull);
  Answer answer = StatusAnswer(request, result.status());
  if (!result.ok()) return answer;
  answer.Add("damaged", uint64_t{result->damaged});
  for (const VerifyFinding& finding : result->findings) {
    answer.Add("finding", finding.text);
  }
  return answer;
}

Answer ReplicaCommands::Backup(const Request& request) {
  const auto backup = db_.admin().CreateBackup(request.arguments[0]);
  Answer answer = StatusAnswer(request, backup.status());
  if (backup.ok()) answer.Add("rows", backup->rows);
  return answer;
}

// ---- Looking ----

Answer ReplicaCommands::Status(const Request& request) {
  const auto status = db_.admin().GetStatus();
  Answer answer = StatusAnswer(request, status.status());
  if (!status.ok()) return answer;
  answer.Add("replica", status->replica_id);
  answer.Add("store", status->store_id);
  answer.Add("role", RoleName(status->role));
  answer.Add("leader", status->leader);
  answer.Add("term", status->term);
  answer.Add("last", status->last.index);
  answer.Add("commit", status->commit);
  answer.Add("applied", status->applied.index);
  answer.Add("checkpoint", status->checkpoint.index);
  answer.Add("truncated", status->truncated.index);
  answer.Add("refused_by", status->refused_by);
  answer.Add("missing_up_to", status->missing_up_to
                                  ? status->missing_up_to->index
                                  : uint64_t{0});
  answer.Add("failure", ToStd(status->failure.ToString()));
  AddMembers(*status, answer);
  AddNetwork(status->network, answer);
  AddCounters(status->counters, answer);
  return answer;
}

Answer ReplicaCommands::Metrics(const Request& request) {
  const auto metrics = db_.admin().GetMetrics();
  Answer answer = StatusAnswer(request, metrics.status());
  if (metrics.ok()) answer.Add("text", *metrics);
  return answer;
}

// In KiB: what is resident now, and the most that was.
Answer ReplicaCommands::Memory(const Request& request) {
  Answer answer{.id = request.id, .ok = true};
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name;) {
    if (name == "VmRSS:" || name == "VmHWM:") {
      uint64_t kib = 0;
      status >> kib;
      answer.Add(name == "VmRSS:" ? "resident" : "peak", kib);
    }
    status.ignore(1000, '\n');
  }
  return answer;
}

}  // namespace trimaran::net
