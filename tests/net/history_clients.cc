#include "tests/net/history_clients.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tests/net/index_witness.h"
#include "tests/support/node/blocking.h"
#include "tests/support/node_sim/linearizability.h"

namespace trimaran::net {
namespace {

using node_sim::Op;
using node_sim::OpKind;
using node_sim::OpOutcome;
using node_sim::RowValue;

// Some thousand times what a history of this kind takes.
constexpr uint64_t kStepsMax = 50'000'000;

std::string SharedKey(uint64_t number) { return absl::StrCat("k", number); }
// Before these, there is none, and from here on none any more.
constexpr char kSharedBegin[] = "k";
constexpr char kSharedEnd[] = "l";
bool IsOwnKey(const std::string& key) { return key.rfind("own", 0) == 0; }

struct Line {
  std::string operation;
  std::vector<std::string> arguments;
};

Line LineOf(const Op& op) {
  const std::string& key = op.keys.front();
  switch (op.kind) {
    case OpKind::kPut:
      return {"put", {key, op.value}};
    case OpKind::kDelete:
      return {"delete", {key}};
    case OpKind::kCompareAndPut:
      if (!op.expected) return {"cas-absent", {key, op.value}};
      return {"cas", {key, *op.expected, op.value}};
    case OpKind::kSwap:
      return {"swap", {key, op.value}};
    case OpKind::kPutSeveral: {
      Line line{"put-several", {op.value}};
      line.arguments.insert(line.arguments.end(), op.keys.begin(),
                            op.keys.end());
      return line;
    }
    case OpKind::kReadByCommand:
      return {"read-by-command", {key}};
    case OpKind::kReadAtLeast:
      return {"read", {"at-least", key, absl::StrCat(op.demanded.value())}};
    case OpKind::kScan:
      return {"scan", {"linearizable", kSharedBegin, kSharedEnd, "0"}};
    default:
      // By both ways to read, of which one names the index.
      return {op.id % 2 == 0 ? "read" : "get", {"linearizable", key}};
  }
}

// Keys and values in turns, and then the index.
std::map<std::string, std::string> RowsOf(const Answer& answer) {
  std::map<std::string, std::string> rows;
  for (size_t at = 0; at + 1 < answer.fields.size(); at += 2) {
    rows[answer.fields[at].second] = answer.fields[at + 1].second;
  }
  return rows;
}

// A row of another key is one that nobody has put: it takes the place of the
// first key's.
void FillInScan(const Answer& answer, Op& op) {
  std::map<std::string, std::string> rows = RowsOf(answer);
  for (const std::string& key : op.keys) {
    const auto row = rows.find(key);
    if (row == rows.end()) {
      op.scanned.emplace_back();
      continue;
    }
    op.scanned.emplace_back(std::move(row->second));
    rows.erase(row);
  }
  if (!rows.empty()) op.scanned.front() = rows.begin()->first;
  op.observed = op.scanned.front();
}

void FillIn(const ReplicaProcess::Result& result, Op& op) {
  using Kind = ReplicaProcess::Result::Kind;
  const bool command = node_sim::IsCommand(op.kind);
  if (!result.ok()) {
    const bool not_done = result.kind == Kind::kNotSent ||
                          (result.kind == Kind::kAnswered &&
                           result.answer.Text("outcome") == "not-applied");
    op.outcome =
        not_done || !command ? OpOutcome::kNotApplied : OpOutcome::kUnknown;
    return;
  }
  op.outcome = OpOutcome::kOk;
  op.index = LogIndex(result.answer.Number("index"));
  if (op.kind == OpKind::kCompareAndPut) {
    op.succeeded = result.answer.Number("succeeded") != 0;
  }
  if (op.kind == OpKind::kScan) return FillInScan(result.answer, op);
  if (op.reads()) op.observed = result.answer.Find("value");
}

// The row behind a call that was done.
RowValue Left(const Op& op) {
  if (op.kind == OpKind::kDelete) return std::nullopt;
  return op.reads() && op.kind != OpKind::kSwap ? op.observed
                                                : RowValue(op.value);
}

OpKind DrawKind(Random& random) {
  constexpr OpKind kinds[] = {OpKind::kPut,           OpKind::kPut,
                              OpKind::kDelete,        OpKind::kCompareAndPut,
                              OpKind::kSwap,          OpKind::kPutSeveral,
                              OpKind::kReadByCommand, OpKind::kReadLinearizable,
                              OpKind::kReadAtLeast,   OpKind::kReadLinearizable,
                              OpKind::kScan};
  return kinds[random.Uniform(std::size(kinds))];
}

}  // namespace

HistoryClients::HistoryClients(const ClientOptions& options, FindProcess find)
    : options_(options),
      find_(std::move(find)),
      begun_(clock_.Now()),
      last_write_(begun_) {}

HistoryClients::~HistoryClients() { Stop(); }

void HistoryClients::Start() {
  enough_ = false;
  for (uint64_t client = 1; client <= options_.clients; ++client) {
    threads_.emplace_back([this, client] { Work(client); });
  }
}

void HistoryClients::Stop() {
  enough_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// ---- Calls ----

void HistoryClients::Work(uint64_t client) {
  SeededRandom random(options_.seed * 1000 + client);
  // What this client has seen of each row, and of the log.
  std::map<std::string, RowValue> seen;
  LogIndex index;
  while (!enough_) {
    Op op = Draw(client, random);
    op.expected = seen[op.keys.front()];
    if (op.kind != OpKind::kCompareAndPut) op.expected = std::nullopt;
    if (op.kind == OpKind::kReadAtLeast) op.demanded = index;
    const Op done = Call(std::move(op), options_.patience);
    if (done.outcome == OpOutcome::kOk) {
      index = std::max(index, done.index);
      if (done.succeeded) seen[done.keys.front()] = Left(done);
    }
    const auto pause =
        static_cast<uint64_t>(absl::ToInt64Microseconds(2 * options_.pause));
    // Nobody runs: to ask again and again would only fill the history.
    const bool away = done.outcome == OpOutcome::kNotApplied;
    Rest(absl::Microseconds(random.Uniform(pause + 1)) +
         (away ? absl::Milliseconds(20) : absl::ZeroDuration()));
  }
}

Op HistoryClients::Draw(uint64_t client, Random& random) {
  Op op;
  op.client = client;
  op.replica = ReplicaId(1 + random.Uniform(options_.replicas));
  op.kind = DrawKind(random);
  const uint64_t key = random.Uniform(options_.keys);
  op.keys = {SharedKey(key)};
  if (op.kind == OpKind::kPut && random.OneIn(2)) op.keys = {"own"};
  if (op.kind == OpKind::kScan) {
    op.keys.clear();
    for (uint64_t each = 0; each < options_.keys; ++each) {
      op.keys.push_back(SharedKey(each));
    }
  }
  if (op.kind == OpKind::kPutSeveral) {
    op.keys.push_back(SharedKey((key + 1) % options_.keys));
  }
  return op;
}

Op HistoryClients::Call(Op op, absl::Duration patience) {
  Op called = Begin(std::move(op));
  const auto process = find_(called.replica.value());
  ReplicaProcess::Result result;
  if (process != nullptr) {
    const Line line = LineOf(called);
    result = process->Call(line.operation, line.arguments, patience);
  }
  FillIn(result, called);
  return End(std::move(called));
}

uint64_t HistoryClients::NowMicros() const {
  return static_cast<uint64_t>(
      absl::ToInt64Microseconds(clock_.Now() - begun_));
}

Op HistoryClients::Begin(Op op) {
  op.called_at = NowMicros();
  const MutexLock lock(mutex_);
  Op& called = history_.Call(std::move(op));
  const bool reads = called.kind == OpKind::kReadByCommand ||
                     !node_sim::IsCommand(called.kind);
  if (!reads) called.value = absl::StrCat(called.id);
  if (called.keys.front() == "own") {
    called.keys = {absl::StrCat("own", called.id)};
  }
  return called;
}

Op HistoryClients::End(Op op) {
  op.returned_at = NowMicros();
  const bool good = op.outcome == OpOutcome::kOk;
  if (good) ++answered_;
  const MutexLock lock(mutex_);
  if (good && node_sim::IsCommand(op.kind)) {
    const MonotonicTime now = clock_.Now();
    longest_gap_ = std::max(longest_gap_, now - last_write_);
    last_write_ = now;
  }
  Op& entry = history_.at(op.id);
  const uint64_t call_order = entry.call_order;
  entry = std::move(op);
  entry.call_order = call_order;
  history_.Return(entry);
  return entry;
}

// ---- Looking ----

std::vector<Op> HistoryClients::ops() {
  const MutexLock lock(mutex_);
  return history_.ops();
}

absl::Duration HistoryClients::longest_gap() {
  const MutexLock lock(mutex_);
  return std::max(longest_gap_, clock_.Now() - last_write_);
}

void HistoryClients::RestartGap() {
  const MutexLock lock(mutex_);
  longest_gap_ = absl::ZeroDuration();
  last_write_ = clock_.Now();
}

bool HistoryClients::WriteHistory(const std::string& path) {
  std::FILE* out = std::fopen(path.c_str(), "w");
  if (out == nullptr) return false;
  {
    const MutexLock lock(mutex_);
    history_.Write(out);
  }
  return std::fclose(out) == 0;
}

// ---- Judging ----

std::vector<std::string> HistoryClients::ReadAll(
    const std::vector<uint64_t>& replicas) {
  std::vector<std::string> errors;
  for (const uint64_t id : replicas) {
    for (uint64_t key = 0; key < options_.keys; ++key) {
      Op op;
      op.replica = ReplicaId(id);
      op.kind = OpKind::kReadLinearizable;
      op.keys = {SharedKey(key)};
      if (Call(std::move(op), absl::Seconds(30)).outcome != OpOutcome::kOk) {
        errors.push_back(
            absl::StrCat(SharedKey(key), " cannot be read at ", id));
      }
    }
  }
  return errors;
}

std::vector<std::string> HistoryClients::CheckRows(uint64_t replica) {
  const auto process = find_(replica);
  if (process == nullptr) return {"no replica to ask"};
  const auto result = process->Call("scan", {"linearizable", "own", "owo", "0"},
                                    absl::Seconds(30), absl::Seconds(25));
  if (!result.ok()) return {absl::StrCat("scan: ", result.ToString())};
  std::map<std::string, std::string> rows = RowsOf(result.answer);
  std::vector<std::string> errors;
  for (const Op& op : ops()) {
    const std::string& key = op.keys.front();
    if (!IsOwnKey(key)) continue;
    const auto found = rows.find(key);
    const bool there = found != rows.end() && found->second == op.value;
    if (op.outcome == OpOutcome::kOk && !there) {
      errors.push_back(absl::StrCat(key, " was acknowledged by replica ",
                                    op.replica.value(), " at index ",
                                    op.index.value(), ", and is lost"));
    }
    if (op.outcome == OpOutcome::kNotApplied && there) {
      errors.push_back(absl::StrCat(key, " was said not to be applied"));
    }
    if (there) rows.erase(found);
  }
  for (const auto& [key, value] : rows) {
    if (IsOwnKey(key)) errors.push_back(absl::StrCat(key, ": nobody put it"));
  }
  return errors;
}

std::vector<std::string> HistoryClients::CheckHistory() {
  const std::vector<Op> all = ops();
  std::vector<std::string> errors = CheckIndexes(all);
  const auto result = node_sim::CheckLinearizable(all, kStepsMax);
  using Verdict = node_sim::LinearizabilityResult::Verdict;
  if (result.verdict != Verdict::kLinearizable) {
    errors.push_back(absl::StrCat(
        result.verdict == Verdict::kNot ? "no order of the calls of "
                                        : "no order was found in time of ",
        result.key, " after ", result.steps, " steps"));
  }
  return errors;
}

}  // namespace trimaran::net
