#include "tests/support/node_sim/clients.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"

namespace trimaran::node_sim {
namespace {

constexpr SimTime kPatienceMax = 10 * sim::kSecond;

absl::Duration ToDuration(SimTime time) {
  return absl::Microseconds(static_cast<int64_t>(time));
}

OpOutcome ToOutcome(const absl::Status& error) {
  return OutcomeOf(error) == WriteOutcome::kNotApplied ? OpOutcome::kNotApplied
                                                       : OpOutcome::kUnknown;
}

std::string KeyOf(uint64_t number) { return absl::StrCat("k", number); }

ReadDemand::Kind ToDemand(OpKind kind) {
  switch (kind) {
    case OpKind::kReadLease:
      return ReadDemand::Kind::kLease;
    case OpKind::kReadAtLeast:
      return ReadDemand::Kind::kAtLeast;
    case OpKind::kReadBounded:
      return ReadDemand::Kind::kBounded;
    default:
      return ReadDemand::Kind::kLinearizable;
  }
}

}  // namespace

Clients::Clients(NodeWorld& world, Hosts& hosts, const Copies& copies)
    : world_(world),
      hosts_(hosts),
      copies_(copies),
      random_(world.random.Fork()) {}

void Clients::Begin() {
  calling_ = true;
  for (uint64_t i = 1; i <= world_.options.clients.count; ++i) {
    world_.scheduler.After(world_.options.clients.think.Draw(random_),
                           [this, i] { Next(i); });
  }
}

SimHost* Clients::ChooseHost() {
  SimHost& host = *hosts_[random_.Uniform(hosts_.size())];
  // A client knows the address of the one or of the other.
  SimHost* copy = copies_.Of(host.id());
  if (copy != nullptr && copy->serving() && random_.OneIn(2)) return copy;
  return host.serving() ? &host : nullptr;
}

void Clients::Next(uint64_t client) {
  if (!calling_) return;
  SimHost* host = ChooseHost();
  if (host == nullptr) {
    world_.scheduler.After(10 * sim::kMillisecond,
                           [this, client] { Next(client); });
    return;
  }
  // What waits for an index that never comes waits to the end.
  const SimTime patience = world_.options.clients.patience.Draw(random_);
  Op op = Draw(client);
  // It has not heard of what is new.
  if (host->is_copy() && op.kind == OpKind::kReadAtLeast) {
    op.demanded = LogIndex(random_.Uniform(op.demanded.value() + 1));
  }
  Call(*host, std::move(op), ToDuration(std::min(patience, kPatienceMax)));
}

std::string Clients::DrawKey() {
  return KeyOf(random_.Uniform(world_.options.clients.keys));
}

OpKind Clients::DrawKind() {
  const ClientOptions& options = world_.options.clients;
  if (!random_.Chance(options.read_ppm)) {
    constexpr OpKind kWrites[] = {OpKind::kPut,       OpKind::kPut,
                                  OpKind::kPut,       OpKind::kDelete,
                                  OpKind::kSwap,      OpKind::kCompareAndPut,
                                  OpKind::kPutSeveral};
    return kWrites[random_.Uniform(std::size(kWrites))];
  }
  switch (random_.Uniform(8)) {
    case 0:
      return OpKind::kReadByCommand;
    case 1:
      return OpKind::kReadAtLeast;
    case 2:
      return OpKind::kReadBounded;
    case 3:
    case 4:
      if (options.lease_reads) return OpKind::kReadLease;
      break;
    case 5:
      return OpKind::kScan;
    default:
      break;
  }
  return OpKind::kReadLinearizable;
}

Op Clients::Draw(uint64_t client) {
  Op op;
  op.client = client;
  op.kind = DrawKind();
  op.keys = {DrawKey()};
  if (op.kind == OpKind::kPutSeveral) {
    const std::string other = DrawKey();
    if (other != op.keys.front()) op.keys.push_back(other);
  }
  if (op.kind == OpKind::kScan) {
    for (uint64_t i = 0; i < world_.options.clients.keys; ++i) {
      const std::string other = KeyOf(i);
      if (other != op.keys.front()) op.keys.push_back(other);
    }
  }
  if (op.kind == OpKind::kCompareAndPut) op.expected = seen_[op.keys.front()];
  if (op.kind == OpKind::kReadAtLeast) {
    op.demanded = world_.witness.FloorNow();
    // Something that does not exist yet, once in a while.
    if (random_.OneIn(10)) op.demanded = op.demanded + random_.Uniform(5);
  }
  return op;
}

uint64_t Clients::Call(SimHost& host, Op draft, absl::Duration patience) {
  draft.replica = host.id();
  draft.called_at = world_.scheduler.now();
  draft.floor = world_.witness.FloorNow();
  Op& op = world_.history.Call(std::move(draft));
  if (IsCommand(op.kind)) op.value = absl::StrCat(op.id);
  waiting_[op.id] = {&host, host.lives(), false};
  world_.Tell(host.id(), ToAbsl(host.label()), "client ", op.client, " calls ",
              op.id, ": ", ToAbsl(OpKindName(op.kind)), " ", op.keys.front());
  const uint64_t id = op.id;
  IsCommand(op.kind) ? CallWrite(host, op, patience)
                     : CallRead(host, op, patience);
  return id;
}

void Clients::CallWrite(SimHost& host, Op& op, absl::Duration patience) {
  const OpCommand command(op);
  auto encoded = engine::EncodeCommand({.stamp = {}, .body = command.write});
  TRIMARAN_CHECK(encoded.ok()) << encoded.status().ToString();
  const bool taken = host.node().Submit(std::make_shared<PendingWrite>(
      *std::move(encoded), host.clock().Now() + patience,
      [this, id = op.id](const absl::StatusOr<AppliedWrite>& answer) {
        OnWriteAnswer(id, answer);
      }));
  if (taken) return;
  op.outcome = OpOutcome::kNotApplied;
  Return(op);
}

void Clients::CallRead(SimHost& host, Op& op, absl::Duration patience) {
  const MonotonicTime now = host.clock().Now();
  ReadDemand demand{.kind = ToDemand(op.kind),
                    .index = op.demanded,
                    .staleness_max = absl::ZeroDuration()};
  if (op.kind == OpKind::kReadAtLeast) {
    op.floor = LogIndex();
  } else if (op.kind == OpKind::kReadBounded) {
    demand.staleness_max = ToDuration(random_.Uniform(300'000));
    const SimTime since = host.clock().ToVirtual(MonotonicTime(
        now.nanos() - absl::ToInt64Nanoseconds(demand.staleness_max)));
    op.floor = since > 0 ? world_.witness.FloorAt(since - 1) : LogIndex();
  } else if (host.node().IsAlone()) {
    OnReadAnswer(op.id, LogIndex());
    return;
  }
  host.node().Submit(std::make_shared<PendingRead>(
      demand, now, now + patience,
      [this, id = op.id](const absl::StatusOr<LogIndex>& answer) {
        OnReadAnswer(id, answer);
      }));
}

SimHost* Clients::HostOf(uint64_t id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return nullptr;
  SimHost* host = found->second.host;
  return host->up() && host->lives() == found->second.life ? host : nullptr;
}

void Clients::OnWriteAnswer(uint64_t id,
                            const absl::StatusOr<AppliedWrite>& answer) {
  Op& op = world_.history.at(id);
  NodeSimStats& stats = world_.stats;
  if (!answer.ok()) {
    op.outcome = ToOutcome(answer.status());
    const bool unknown = op.outcome == OpOutcome::kUnknown;
    ++(unknown ? stats.writes_unknown : stats.writes_not_applied);
    return Return(op);
  }
  ++stats.writes_ok;
  op.outcome = OpOutcome::kOk;
  op.index = answer->result.index;
  op.succeeded = answer->result.succeeded;
  if (op.reads() && !answer->result.reads.empty()) {
    op.observed = answer->result.reads.front();
  }
  world_.promises.OnAcknowledged(
      op.index, [this](ReplicaId voter, EntryId entry) {
        const uint64_t place = voter.value() - 1;
        return place < hosts_.size() && hosts_[place]->Holds(entry);
      });
  Return(op);
}

void Clients::OnReadAnswer(uint64_t id,
                           const absl::StatusOr<LogIndex>& answer) {
  if (!answer.ok()) {
    Op& op = world_.history.at(id);
    op.outcome = OpOutcome::kNotApplied;
    return Return(op);
  }
  const auto waiting = waiting_.find(id);
  if (waiting == waiting_.end() ||
      std::exchange(waiting->second.answered, true)) {
    world_.findings.Report(Rule::kAnsweredOnce,
                           absl::StrCat("op ", id, " is answered twice"));
    return;
  }
  // The client is another thread, which looks when it gets to it.
  world_.scheduler.After(world_.options.clients.look.Draw(random_),
                         [this, id] { Look(id); });
}

void Clients::Look(uint64_t id) {
  SimHost* host = HostOf(id);
  if (host == nullptr) return;
  if (host->paused()) {
    world_.scheduler.After(sim::kMillisecond, [this, id] { Look(id); });
    return;
  }
  Op& op = world_.history.at(id);
  const engine::StateMachine& machine = host->machine();
  const absl::Status looked = op.kind == OpKind::kScan ? LookAtAll(machine, op)
                                                       : LookAtRow(machine, op);
  if (looked.ok()) ++world_.stats.reads_ok;
  op.outcome = looked.ok() ? OpOutcome::kOk : OpOutcome::kNotApplied;
  Return(op);
}

absl::Status Clients::LookAtRow(const engine::StateMachine& machine, Op& op) {
  std::string value;
  TRIMARAN_ASSIGN_OR_RETURN(
      const bool found,
      machine.Get(engine::kDefaultFamily, op.keys.front(), value));
  op.index = machine.applied().applied.id.index;
  if (found) op.observed = std::move(value);
  return absl::OkStatus();
}

absl::Status Clients::LookAtAll(const engine::StateMachine& machine, Op& op) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto view, machine.NewView());
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows,
                            view->NewIterator(engine::kDefaultFamily, {}));
  std::map<std::string, std::string, std::less<>> found;
  for (rows->SeekToFirst(); rows->valid(); rows->Next()) {
    found.emplace(rows->key(), rows->value());
  }
  TRIMARAN_RETURN_IF_ERROR(rows->status());
  op.index = view->position().id.index;
  for (const std::string& key : op.keys) {
    const auto row = found.find(key);
    op.scanned.push_back(row == found.end() ? RowValue()
                                            : RowValue(std::move(row->second)));
    if (row != found.end()) found.erase(row);
  }
  op.observed = op.scanned.front();
  ++world_.stats.scans_ok;
  if (!found.empty()) {
    world_.findings.Report(
        Rule::kIndexWitness,
        absl::StrCat("op ", op.id, " finds a row ", found.begin()->first,
                     ", which nobody has put"));
  }
  return absl::OkStatus();
}

void Clients::Return(Op& op) {
  const auto waiting = waiting_.find(op.id);
  if (waiting == waiting_.end()) {
    world_.findings.Report(Rule::kAnsweredOnce,
                           absl::StrCat("op ", op.id, " is answered twice"));
  } else {
    if (waiting->second.host->is_copy()) CheckAnswerOfCopy(op);
    waiting_.erase(waiting);
  }
  op.returned_at = world_.scheduler.now();
  world_.history.Return(op);
  world_.Tell(op.replica, "answers ", op.id, ": ",
              ToAbsl(OutcomeName(op.outcome)), " at ", op.index.value());
  world_.trace.Fold(op.id << 8 | static_cast<uint64_t>(op.outcome));
  world_.trace.Fold(op.index.value());
  world_.witness.OnReturn(op, world_.scheduler.now());
  if (op.outcome == OpOutcome::kOk) {
    seen_[op.keys.front()] =
        op.reads() && op.value.empty() ? op.observed : RowValue(op.value);
  }
  if (op.client == 0) return;
  world_.scheduler.After(world_.options.clients.think.Draw(random_),
                         [this, client = op.client] { Next(client); });
}

// Nobody has told it anything since it was copied. So it can read what it has;
// but not say that this is all, nor that a write is done.
void Clients::CheckAnswerOfCopy(const Op& op) {
  ++world_.stats.answers_of_copies;
  if (op.outcome != OpOutcome::kOk) return;
  ++world_.stats.reads_of_copies;
  if (op.kind == OpKind::kReadAtLeast) return;
  world_.findings.Report(
      IsCommand(op.kind) ? Rule::kExactlyOnce : Rule::kIndexWitness,
      absl::StrCat("op ", op.id, ", a ", ToAbsl(OpKindName(op.kind)),
                   ", is done by a copy of replica ", op.replica.value(),
                   ", which hears nobody"));
}

void Clients::OnGone(const SimHost& host) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second.host != &host) {
      ++at;
      continue;
    }
    const uint64_t client = world_.history.at(at->first).client;
    at = waiting_.erase(at);
    if (client == 0) continue;
    world_.scheduler.After(world_.options.clients.think.Draw(random_),
                           [this, client] { Next(client); });
  }
}

size_t Clients::unanswered_at(const SimHost& host) const {
  size_t count = 0;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.host == &host && !waiting.answered) ++count;
  }
  return count;
}

}  // namespace trimaran::node_sim
