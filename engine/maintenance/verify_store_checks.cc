// The checks of files, the log and the state; those of snapshots are in
// verify_snapshot_checks.cc.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/home/home_paths.h"
#include "engine/kv/generation.h"
#include "engine/maintenance/agreement.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {
namespace {

// Between two looks at whether to go on: some milliseconds.
constexpr uint64_t kProgressInterval = 4096;

std::string HexId(uint64_t id) {
  return absl::StrCat(absl::Hex(id, absl::kZeroPad16));
}

void CompareStores(std::string_view where, StoreId found,
                   const std::optional<StoreIdentity>& identity,
                   CheckResult& result) {
  if (!identity.has_value() || found == identity->store) return;
  result.Damage(where, absl::StrCat("is of store ", HexId(found.value()),
                                    ", and the directory of ",
                                    HexId(identity->store.value())));
}

std::string EntryName(LogIndex index) {
  return absl::StrCat("entry ", index.value());
}

// Goes along a log, entry by entry.
class EntryWalk {
 public:
  EntryWalk(LogPosition position, CheckResult& result)
      : position_(position), result_(result) {}

  const LogPosition& position() const { return position_; }

  void Visit(const LogEntry& entry) {
    const EntryId before = position_.id;
    if (entry.index != before.index + 1) {
      result_.Damage(EntryName(entry.index),
                     absl::StrCat("follows entry ", before.index.value()));
    }
    if (entry.term < before.term || entry.term.value() == 0) {
      result_.Damage(EntryName(entry.index),
                     absl::StrCat("is of term ", entry.term.value(),
                                  ", after one of term ", before.term.value()));
    }
    if (entry.type == EntryType::kNormal && !entry.payload.empty()) {
      const auto commands = DecodeEntry(entry.payload.bytes());
      if (!commands.ok()) {
        result_.Fail(EntryName(entry.index), commands.status());
      }
    }
    position_ = {entry.id(), ExtendChain(position_.chain, entry)};
  }

 private:
  LogPosition position_;
  CheckResult& result_;
};

void CheckHardState(const LogState& state, CheckResult& result) {
  const HardState& hard = state.hard_state;
  if (hard.term < state.last.id.term) {
    result.Damage(
        "the hard state",
        absl::StrCat("is of term ", hard.term.value(),
                     ", and the last entry of ", state.last.id.term.value()));
  }
  if (hard.commit > state.last.id.index) {
    result.Damage(
        "the hard state",
        absl::StrCat("has committed ", hard.commit.value(),
                     ", beyond the last entry, ", state.last.id.index.value()));
  }
}

void CheckTables(const StateInspector::Tables& tables, uint64_t generation,
                 CheckResult& result) {
  // Without the present one, nothing is left over: it may be all there is.
  const auto& generations = tables.generations;
  const bool present =
      std::binary_search(generations.begin(), generations.end(), generation);
  for (const uint64_t found : generations) {
    if (found == generation || !present) continue;
    result.Note(absl::StrCat("generation ", found),
                "is left over, and the next open removes it");
  }
  for (const std::string& table : tables.strange) {
    result.Warn(absl::StrCat("table ", table), "is none of a store's");
  }
}

// What a table says of how far it has applied entries; an error if it does not
// say. Empty, if there is nothing at all in it.
absl::StatusOr<std::optional<AppliedState>> AppliedIn(StateInspector& inspector,
                                                      uint64_t generation,
                                                      GroupId group) {
  TRIMARAN_ASSIGN_OR_RETURN(const auto rows, inspector.OpenRows(generation));
  StateRecord row;
  TRIMARAN_ASSIGN_OR_RETURN(const bool any, rows->Next(row));
  if (!any) return std::nullopt;
  const std::string key = KeyOf(ApplyStateKey{group});
  TRIMARAN_RETURN_IF_ERROR(rows->SkipTo(key));
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, rows->Next(row));
  if (!found || row.key != key) return CorruptionError("no apply state");
  TRIMARAN_ASSIGN_OR_RETURN(const ApplyStateRecord record,
                            DecodeApplyState(row.value));
  return record.state;
}

// Which table is the state, where neither log nor floor names it. One that was
// imported, in part or as a whole, is not yet the state, and says that nothing
// is applied behind what is truncated: it is one for certain only if entries
// have been applied to it, or if there is no older table, for that stays until
// another one is the state.
uint64_t FindGeneration(StateInspector& inspector,
                        const std::vector<uint64_t>& generations,
                        GroupId group) {
  uint64_t found = 0;
  for (const uint64_t generation : generations) {
    const auto applied = AppliedIn(inspector, generation, group);
    // A crash during an import leaves an empty table.
    if (applied.ok() && !applied->has_value()) continue;
    const bool was_state = applied.ok() && (*applied)->applied.id.index >
                                               (*applied)->truncated.index;
    if (found == 0 || was_state) found = generation;
  }
  return found != 0 || generations.empty() ? found : generations.back();
}

}  // namespace

bool IsVerdict(const absl::Status& error) {
  if (IsNewerFormat(error)) return false;
  switch (error.code()) {
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

absl::Status Judge(std::string_view where, const absl::Status& error,
                   CheckResult& result) {
  if (!IsVerdict(error)) return error;
  result.Fail(where, error);
  return absl::OkStatus();
}

absl::Status ProgressCounter::Count(uint64_t bytes,
                                    const WorkWatcher& watcher) {
  ++progress_.done;
  progress_.bytes += bytes;
  if (progress_.done % kProgressInterval != 0) return absl::OkStatus();
  return Tell(watcher, progress_);
}

absl::StatusOr<std::optional<StoreIdentity>> CheckIdentityFile(
    const StoredStore& store, CheckResult& result) {
  const absl::StatusOr<StoreIdentity> identity =
      ReadIdentity(*store.files, store.directory);
  if (!identity.ok()) {
    TRIMARAN_RETURN_IF_ERROR(Judge(kIdentityFile, identity.status(), result));
    return std::nullopt;
  }
  result.CountExamined(1);
  result.Summarize(absl::StrCat("store ", HexId(identity->store.value()),
                                ", group ", identity->group.value(),
                                ", replica ", identity->replica.value()));
  return *identity;
}

absl::StatusOr<std::optional<FloorState>> CheckFloorFile(
    const StoredStore& store, const std::optional<StoreIdentity>& identity,
    CheckResult& result) {
  const absl::StatusOr<FloorFile> floor = FloorFile::Open(
      *store.files, JoinPath(store.directory, kFloorFile), OpenMode::kRead);
  if (!floor.ok()) {
    TRIMARAN_RETURN_IF_ERROR(Judge(kFloorFile, floor.status(), result));
    return std::nullopt;
  }
  result.CountExamined(1);
  if (floor->one_slot_damaged()) {
    result.Warn(kFloorFile, "one of its two slots is damaged");
  }
  const FloorState& state = floor->state();
  CompareStores(kFloorFile, state.store, identity, result);
  result.Summarize(absl::StrCat("entry ", state.last.index.value(), " of term ",
                                state.last.term.value(), ", term ",
                                state.term.value()));
  return state;
}

absl::StatusOr<std::unique_ptr<ReadOnlyLog>> OpenLogToCheck(
    const StoredStore& store, const std::optional<StoreIdentity>& identity,
    CheckResult& result) {
  const std::string directory = JoinPath(store.directory, kLogDirectory);
  absl::StatusOr<std::unique_ptr<ReadOnlyLog>> log =
      ReadOnlyLog::Open(*store.files, directory, nullptr);
  if (!log.ok()) {
    TRIMARAN_RETURN_IF_ERROR(Judge(kLogDirectory, log.status(), result));
    return nullptr;
  }
  const LogScan& scan = (*log)->scan();
  CompareStores(kLogDirectory, scan.store, identity, result);
  if (scan.torn_bytes > 0) {
    result.Note("the last record",
                absl::StrCat("was torn by a crash, and the next open cuts its ",
                             scan.torn_bytes, " bytes off"));
  }
  if (scan.tail.header_damaged) {
    result.Note("the newest segment",
                "has a damaged header, which the next open writes again");
  }
  return *std::move(log);
}

absl::Status VisitAll(const std::vector<LogEntry>& entries, EntryWalk& walk,
                      ProgressCounter& progress, const WorkWatcher& watcher) {
  for (const LogEntry& entry : entries) {
    walk.Visit(entry);
    TRIMARAN_RETURN_IF_ERROR(progress.Count(entry.size_bytes(), watcher));
  }
  return absl::OkStatus();
}

absl::Status CheckEntries(const LogStore& log, const WorkWatcher& watcher,
                          CheckResult& result) {
  const LogState state = log.state();
  CheckHardState(state, result);
  LogIndex next = log.truncated() + 1;
  LogPosition start = state.boundary;
  if (log.truncated() > state.boundary.id.index) {
    TRIMARAN_ASSIGN_OR_RETURN(const Term term, log.TermAt(log.truncated()));
    TRIMARAN_ASSIGN_OR_RETURN(const ChainValue chain,
                              log.ChainAt(log.truncated()));
    start = {{log.truncated(), term}, chain};
  }
  EntryWalk walk(start, result);
  const LogIndex end = state.last.id.index + 1;
  ProgressCounter progress({.step = result.name(), .total = end - next});
  while (next < end) {
    const auto entries = log.Entries(next, end, ReadLimits{});
    if (!entries.ok()) {
      return Judge(EntryName(next), entries.status(), result);
    }
    TRIMARAN_RETURN_IF_ERROR(VisitAll(*entries, walk, progress, watcher));
    result.CountExamined(entries->size());
    next = next + entries->size();
  }
  if (walk.position() != state.last) {
    result.Damage(EntryName(state.last.id.index),
                  "the entries do not add up to the chain of the log");
  }
  result.Summarize(absl::StrCat("entries ", start.id.index.value() + 1, " to ",
                                state.last.id.index.value(), ", term ",
                                state.hard_state.term.value(), ", commit ",
                                state.hard_state.commit.value()));
  return absl::OkStatus();
}

void CheckFloorAgainstLog(const FloorState& floor, const ReadOnlyLog& log,
                          CheckResult& result) {
  const LogState state = log.state();
  const LogScan& scan = log.scan();
  FloorState present = floor;
  present.term = state.hard_state.term;
  present.vote = state.hard_state.vote;
  present.last = state.last.id;
  present.newest_segment = scan.tail.header.sequence;
  present.generation = state.generation;
  const FloorVerdict verdict =
      JudgeLog(floor, present, state.hard_state.commit);
  if (verdict.reason.empty()) return;
  result.Damage("the log", absl::StrCat("has lost what it had acknowledged: ",
                                        verdict.reason));
}

StateInspectorOptions InspectorOptions(const StoredStore& store) {
  StateInspectorOptions options;
  options.home = store.state_home.empty()
                     ? JoinPath(store.directory, kStateDirectory)
                     : store.state_home;
  options.wiredtiger_extensions = store.wiredtiger_extensions;
  options.log = store.log;
  return options;
}

// Of the file of the table, which is about what its rows are; 0 where it cannot
// be told.
uint64_t BytesOfTable(const StoredStore& store, uint64_t generation) {
  const auto file =
      store.files->Open(JoinPath(JoinPath(store.directory, kStateDirectory),
                                 GenerationFile(generation)),
                        OpenMode::kRead);
  return file.ok() ? (*file)->Size().value_or(0) : 0;
}

absl::StatusOr<StateFacts> CheckStateTable(const StoredStore& store,
                                           const StateSource& source,
                                           const VerifyOptions& options,
                                           CheckResult& result) {
  const auto inspector = StateInspector::Open(InspectorOptions(store));
  if (!inspector.ok()) {
    TRIMARAN_RETURN_IF_ERROR(
        Judge(kStateDirectory, inspector.status(), result));
    return StateFacts{};
  }
  const auto tables = (*inspector)->ListTables();
  if (!tables.ok()) {
    TRIMARAN_RETURN_IF_ERROR(Judge(kStateDirectory, tables.status(), result));
    return StateFacts{};
  }
  StateSource known = source;
  if (known.generation == 0) {
    known.generation =
        FindGeneration(**inspector, tables->generations, known.group);
  }
  CheckTables(*tables, known.generation, result);
  const auto rows = (*inspector)->OpenRows(known.generation);
  if (!rows.ok()) {
    TRIMARAN_RETURN_IF_ERROR(Judge(kStateDirectory, rows.status(), result));
    return StateFacts{};
  }
  TRIMARAN_ASSIGN_OR_RETURN(
      StateFacts facts,
      CheckRows(
          {.source = known,
           .next = [&](StateRecord& row) { return (*rows)->Next(row); },
           .work = {.step = result.name(),
                    .bytes_total = BytesOfTable(store, known.generation)}},
          options, result));
  facts.generation = known.generation;
  return facts;
}

void CheckLogAndState(const LogStore* log, const StateFacts& state,
                      uint64_t generation, CheckResult& result) {
  if (log == nullptr || !state.applied.has_value()) {
    result.Skip("the log or the state cannot be read");
    return;
  }
  CheckEvidence(GatherEvidence(*log, *state.applied), *state.applied,
                generation, result);
}

void CheckEvidence(const absl::StatusOr<LogEvidence>& evidence,
                   const AppliedState& state, uint64_t generation,
                   CheckResult& result) {
  if (!evidence.ok()) return result.Fail("the log", evidence.status());
  result.CountExamined(1);
  const absl::Status agreement = CheckAgreement(*evidence, state, generation);
  if (!agreement.ok()) result.Fail("the log and the state", agreement);
  const uint64_t applied = state.applied.id.index.value();
  const uint64_t last = evidence->log.last.id.index.value();
  result.Summarize(absl::StrCat("applied ", applied, " of ", last, " entries"));
}

}  // namespace trimaran::engine
