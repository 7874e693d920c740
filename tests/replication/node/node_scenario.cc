#include "tests/replication/node/node_scenario.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/format/entry_decoder.h"

namespace trimaran {
namespace {

using crash::Violation;

constexpr char kPrefix[] = "row";
constexpr char kTwice[] = "twice";
// Enough for a compaction to be proposed, committed and followed up.
constexpr int kTicksPerStep = 3;

void AddPuts(const LogEntry& entry, std::set<std::string>& keys) {
  engine::EntryDecoder decoder(entry.payload.bytes());
  engine::Command command;
  while (decoder.Next(command)) {
    const auto* write = std::get_if<engine::WriteCommand>(&command.body);
    if (write == nullptr) continue;
    for (const engine::Operation& operation : write->operations) {
      if (const auto* put = std::get_if<engine::PutOp>(&operation)) {
        keys.emplace(put->key);
      }
    }
  }
}

absl::StatusOr<std::set<std::string>> RowsOf(engine::Engine& engine) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto view, engine.machine().NewView());
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows,
                            view->NewIterator(engine::kDefaultFamily, {}));
  std::set<std::string> keys;
  for (rows->SeekToFirst(); rows->valid(); rows->Next()) {
    keys.emplace(rows->key());
  }
  TRIMARAN_RETURN_IF_ERROR(rows->status());
  return keys;
}

// The rows 1 to a number are there, which is returned, and no others of these.
absl::StatusOr<uint64_t> PrefixLength(const std::set<std::string>& keys) {
  uint64_t count = 0;
  while (keys.contains(absl::StrCat(kPrefix, count + 1))) ++count;
  uint64_t all = 0;
  for (const std::string& key : keys) all += key.starts_with(kPrefix) ? 1 : 0;
  if (all == count) return count;
  return Violation(
      absl::StrCat("row ", count + 1, " is missing, and later ones are not"));
}

}  // namespace

// ---- The story ----

NodeScenario::NodeScenario(uint64_t replicas)
    : replicas_(replicas),
      name_(replicas == 1 ? "node_alone" : "node_follower") {
  const uint64_t leader = replicas == 1 ? 1 : 2;
  Add(Kind::kFound);
  AddPuts(5, leader);
  Add(Kind::kCheckpoint);
  AddPuts(7, leader);
  Add(Kind::kRestart);
  AddPuts(4, 1);
  if (replicas == 1) {
    AddPuts(10, 1);
    Add(Kind::kRestart);
    AddPuts(6, 1);
    Add(Kind::kCheckpoint);
    AddPuts(2, 1);
    return;
  }
  for (int absence = 0; absence < 2; ++absence) {
    Add(Kind::kCut);
    AddPuts(10, leader);
    Add(Kind::kHeal);
    AddPuts(2, 1);
  }
  Add(Kind::kRestart);
  AddPuts(1, 1);
}

void NodeScenario::Add(Kind kind, uint64_t count, uint64_t at) {
  if (kind == Kind::kCut) cut_ = true;
  if (kind == Kind::kHeal) cut_ = false;
  Step step{.kind = kind, .count = count, .at = at};
  step.issued = steps_.back().issued + count;
  step.promised = cut_ ? steps_.back().promised : step.issued;
  steps_.push_back(step);
}

void NodeScenario::AddPuts(int steps, uint64_t at) {
  for (int i = 0; i < steps; ++i) {
    Add(Kind::kPut, static_cast<uint64_t>(i % 3) + 1, at);
  }
}

absl::Status NodeScenario::Do(SteppedGroup& group, disk::SimDisk& disk,
                              const Step& step) {
  switch (step.kind) {
    case Kind::kFound:
      TRIMARAN_RETURN_IF_ERROR(group.Found(1, disk));
      return group.Start(1, disk);
    case Kind::kPut:
      return group.Put(step.at, kPrefix, step.issued - step.count + 1,
                       step.count);
    case Kind::kCheckpoint: {
      std::optional<absl::Status> taken;
      group.at(1).node->Checkpoint(
          [&taken](const absl::StatusOr<engine::AppliedState>& state) {
            taken = state.status();
          });
      TRIMARAN_RETURN_IF_ERROR(
          group.RunUntil("a checkpoint", [&] { return taken.has_value(); }));
      return *taken;
    }
    case Kind::kRestart:
      TRIMARAN_RETURN_IF_ERROR(group.Stop(1));
      return group.Start(1, disk);
    case Kind::kCut:
      group.transport().Cut(ReplicaId(1));
      return absl::OkStatus();
    case Kind::kHeal:
      group.transport().Heal(ReplicaId(1));
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status NodeScenario::Settle(SteppedGroup& group, bool cut) {
  TRIMARAN_RETURN_IF_ERROR(group.Pass(kTicksPerStep));
  if (replicas_ == 1) return absl::OkStatus();
  return group.RunUntil("equal replicas", [&] {
    const LogIndex goal = std::max(group.AppliedAt(2),
                                   group.at(2).node->status()->raft.last.index);
    return group.AppliedAt(2) == goal && group.AppliedAt(3) == goal &&
           (cut || group.AppliedAt(1) == goal);
  });
}

absl::Status NodeScenario::Run(disk::SimDisk& disk) {
  std::map<uint64_t, disk::SimDisk> disks;
  absl::Status result;
  {
    SteppedGroup group(replicas_);
    for (uint64_t id = 2; id <= replicas_; ++id) {
      disk::SimDisk& peer =
          disks.try_emplace(id, absl::StrCat("/peer", id)).first->second;
      TRIMARAN_RETURN_IF_ERROR(group.Found(id, peer));
      TRIMARAN_RETURN_IF_ERROR(group.Start(id, peer));
    }
    bool cut = false;
    for (uint64_t number = 1; number < steps_.size(); ++number) {
      crash::BeginStep(disk, number);
      const Step& next = step(number);
      cut = next.kind == Kind::kCut || (cut && next.kind != Kind::kHeal);
      result = Do(group, disk, next);
      if (result.ok()) result = Settle(group, cut);
      if (!result.ok()) return result;
      crash::EndStep(disk, number);
    }
    const engine::StateMachine& machine = group.at(1).engine->machine();
    ending_ = {.truncated = machine.applied().truncated.index,
               .durable = machine.durable().applied.id.index,
               .generation = machine.generation()};
    TRIMARAN_RETURN_IF_ERROR(group.Stop(1));
  }
  peers_.clear();
  for (const auto& [id, peer] : disks) peers_[id] = peer.Visible();
  return absl::OkStatus();
}

// ---- What a crash leaves ----

absl::Status NodeScenario::CheckLog(engine::Engine& engine) const {
  const engine::LogState state = engine.log().state();
  if (state.owed.has_value()) {
    return Violation("the log owes what was never lost");
  }
  TRIMARAN_ASSIGN_OR_RETURN(const engine::StartState start,
                            engine.start_state());
  const LogIndex truncated = start.boundary.index;
  if (truncated > start.applied || start.applied > start.hard_state.commit ||
      start.hard_state.commit > start.last) {
    return Violation(absl::StrCat("truncated ", truncated.value(), ", applied ",
                                  start.applied.value(), ", commit ",
                                  start.hard_state.commit.value(), ", last ",
                                  start.last.value()));
  }
  for (LogIndex next = truncated + 1; next <= start.last;) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                              engine.log().Entries(next, start.last + 1, {}));
    for (const LogEntry& entry : entries) {
      if (entry.index != next) {
        return Violation(absl::StrCat("entry ", next.value(), " is missing"));
      }
      ++next;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> NodeScenario::CountRows(engine::Engine& engine) const {
  TRIMARAN_ASSIGN_OR_RETURN(std::set<std::string> keys, RowsOf(engine));
  if (keys.contains(kTwice)) return Violation("a write was done twice");
  const LogIndex last = engine.log().state().last.id.index;
  for (LogIndex next = engine.machine().applied().applied.id.index + 1;
       next <= last; ++next) {
    TRIMARAN_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                              engine.log().Entries(next, next + 1, {}));
    ::trimaran::AddPuts(entries.front(), keys);
  }
  return PrefixLength(keys);
}

absl::StatusOr<std::string> NodeScenario::Verify(
    disk::SimDisk& disk, const crash::Progress& progress) {
  SteppedGroup group(replicas_);
  if (progress.done == 0) {
    const absl::Status founded = group.Found(1, disk);
    if (!founded.ok() && !absl::IsAlreadyExists(founded)) {
      return Violation(absl::StrCat("cannot be made: ", founded.ToString()));
    }
  }
  const absl::StatusOr<engine::Engine*> opened = group.Open(1, disk);
  if (!opened.ok()) {
    return Violation(
        absl::StrCat("does not open: ", opened.status().ToString()));
  }
  engine::Engine& engine = **opened;
  crash::MarkOpened(disk);
  TRIMARAN_RETURN_IF_ERROR(CheckLog(engine));
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t rows, CountRows(engine));
  const uint64_t least = step(progress.done).promised;
  const uint64_t most = step(std::max(progress.done, progress.begun)).issued;
  if (rows < least || rows > most) {
    return Violation(absl::StrCat(rows, " rows, of which ", least,
                                  " are promised and ", most,
                                  " have been asked for"));
  }
  const engine::LogState log = engine.log().state();
  std::string fingerprint = absl::StrCat(
      rows, " rows, last ", log.last.id.index.value(), "/",
      log.last.id.term.value(), ", term ", log.hard_state.term.value(),
      ", vote ", log.hard_state.vote.value());
  TRIMARAN_RETURN_IF_ERROR(group.Stop(1));
  return fingerprint;
}

// ---- Going on ----

absl::Status NodeScenario::CheckRows(SteppedGroup& group,
                                     uint64_t least) const {
  TRIMARAN_ASSIGN_OR_RETURN(const std::set<std::string> keys,
                            RowsOf(*group.at(1).engine));
  if (keys.contains(kTwice)) return Violation("a write was done twice");
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t rows, PrefixLength(keys));
  if (rows < least) {
    return Violation(absl::StrCat("only ", rows, " rows of ", least));
  }
  for (uint64_t number = 1; number <= 3; ++number) {
    if (!keys.contains(absl::StrCat("more", number))) {
      return Violation("a row that was just put is missing");
    }
  }
  return absl::OkStatus();
}

absl::Status NodeScenario::StartPeers(
    SteppedGroup& group, std::map<uint64_t, disk::SimDisk>& disks) const {
  for (const auto& [id, image] : peers_) {
    disk::SimDisk& peer =
        disks.try_emplace(id, absl::StrCat("/peer", id), image).first->second;
    TRIMARAN_RETURN_IF_ERROR(group.Start(id, peer));
  }
  return absl::OkStatus();
}

absl::Status NodeScenario::Resume(disk::SimDisk& disk,
                                  const crash::Progress& progress) {
  std::map<uint64_t, disk::SimDisk> disks;
  SteppedGroup group(replicas_);
  // The others have the whole story: whatever replica 1 said after the crash is
  // said again by somebody else.
  TRIMARAN_RETURN_IF_ERROR(StartPeers(group, disks));
  TRIMARAN_RETURN_IF_ERROR(group.Start(1, disk));
  TRIMARAN_RETURN_IF_ERROR(group.Put(1, "more", 1, 3));
  TRIMARAN_RETURN_IF_ERROR(Settle(group, /*cut=*/false));
  const uint64_t least =
      replicas_ == 1 ? step(progress.done).promised : steps_.back().issued;
  TRIMARAN_RETURN_IF_ERROR(CheckRows(group, least));
  if (replicas_ > 1) {
    TRIMARAN_ASSIGN_OR_RETURN(const auto own, group.Digest(1));
    TRIMARAN_ASSIGN_OR_RETURN(const auto leaders, group.Digest(2));
    if (own != leaders) return Violation("another state than the leader's");
  }
  TRIMARAN_RETURN_IF_ERROR(group.Stop(1));
  TRIMARAN_RETURN_IF_ERROR(group.Start(1, disk));
  TRIMARAN_RETURN_IF_ERROR(group.Put(1, "again", 1, 1));
  TRIMARAN_RETURN_IF_ERROR(CheckRows(group, least));
  return group.Stop(1);
}

}  // namespace trimaran
