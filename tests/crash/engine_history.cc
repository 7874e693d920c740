#include "tests/crash/engine_history.h"

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/snapshot/snapshot_reader.h"
#include "engine/snapshot/snapshot_writer.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"
#include "tests/support/engine/numbered_entries.h"
#include "tests/support/engine_model/model_state_disk.h"
#include "tests/support/engine_model/model_state_machine.h"

namespace trimaran::crash {
namespace {

using engine::ModelStateDisk;
using engine::ModelStateMachine;

// Changes of membership come and go.
ConfState ConfAfter(LogIndex index) {
  ConfState conf;
  conf.voters = {ReplicaId(1)};
  if (index.value() % 2 == 0) conf.learners = {ReplicaId(2)};
  return conf;
}

ModelStateDisk::Options Beginning() {
  ModelStateDisk::Options options;
  options.group = HistoryStore().identity.group;
  options.state.progress = {{engine::kBootstrapPosition, {}},
                            engine::kBootstrapPosition};
  options.state.region = {{.conf_version = 1, .version = 1},
                          HistoryStore().conf,
                          HistoryStore().members};
  return options;
}

engine::StateDigest DigestOf(ModelStateMachine& machine) {
  auto state = machine.NewExport();
  TRIMARAN_CHECK(state.ok()) << state.status();
  auto digest = engine::HashState(HistoryStore().identity.group, **state);
  TRIMARAN_CHECK(digest.ok()) << digest.status();
  return *digest;
}

}  // namespace

engine::NewStore HistoryStore() {
  engine::NewStore store;
  store.identity = {{1, 2}, StoreId(3), GroupId(1), ReplicaId(1)};
  store.conf.voters = {ReplicaId(1)};
  return store;
}

EngineHistory::EngineHistory(uint64_t seed, uint64_t entry_count) {
  SeededRandom random(seed);
  ModelStateDisk disk(Beginning());
  ModelStateMachine machine(disk, 1);
  places_.push_back({machine.applied(), DigestOf(machine)});
  Term term{6};
  for (uint64_t i = 0; i < entry_count; ++i) {
    const LogIndex index = first() + i;
    if (random.OneIn(20)) term = term + 2;
    if (random.OneIn(25)) {
      entries_.push_back({index, term, EntryType::kConfChange, Payload("c")});
    } else {
      const LogIndex compacted = engine::CompactedBy(seed, index);
      const Term compacted_term =
          compacted < first() ? Term() : entry(compacted).term;
      entries_.push_back(
          engine::NumberedEntry(seed, {index, term}, compacted_term));
    }
    const engine::CommittedEntry next = committed(index);
    const auto result = machine.Apply({&next, 1});
    TRIMARAN_CHECK(result.ok()) << result.status();
    places_.push_back({machine.applied(), DigestOf(machine)});
  }
}

const LogEntry& EngineHistory::entry(LogIndex index) const {
  TRIMARAN_CHECK(index >= first() && index < first() + entries_.size());
  return entries_[static_cast<size_t>(index - first())];
}

engine::CommittedEntry EngineHistory::committed(LogIndex index) const {
  engine::CommittedEntry result;
  result.entry = entry(index);
  if (result.entry.type == EntryType::kConfChange) {
    result.conf = ConfAfter(index);
  }
  return result;
}

const engine::AppliedState& EngineHistory::applied(LogIndex index) const {
  return PlaceAt(index).applied;
}

const engine::StateDigest& EngineHistory::digest(LogIndex index) const {
  return PlaceAt(index).digest;
}

const EngineHistory::Place& EngineHistory::PlaceAt(LogIndex index) const {
  const LogIndex begin = engine::kBootstrapPosition.index;
  TRIMARAN_CHECK(index >= begin && index < begin + places_.size());
  return places_[static_cast<size_t>(index - begin)];
}

absl::Status VerifyPresent(engine::SnapshotReceiver& receiver) {
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = receiver.VerifyNext();
  return more.status();
}

SentSnapshot EngineHistory::SnapshotAt(LogIndex index) const {
  ModelStateDisk model_disk(Beginning());
  ModelStateMachine machine(model_disk, 1);
  for (LogIndex next = first(); next <= index; ++next) {
    const engine::CommittedEntry entry = committed(next);
    const auto result = machine.Apply({&entry, 1});
    TRIMARAN_CHECK(result.ok()) << result.status();
  }
  disk::SimDisk disk("/donor");
  disk::SimFileSystem files(disk);
  const engine::NewStore store = HistoryStore();
  engine::SnapshotWriterOptions options;
  options.chunk_bytes_target = 20000;
  auto writer = engine::SnapshotWriter::Start(
      files, "/donor/out",
      {engine::SnapshotId(index.value()), store.identity.cluster,
       store.identity.group},
      *machine.NewExport(), options);
  TRIMARAN_CHECK(writer.ok()) << writer.status();
  while (!(*writer)->progress().done) {
    const auto progress = (*writer)->Step();
    TRIMARAN_CHECK(progress.ok()) << progress.status();
  }
  const auto reader = engine::SnapshotReader::Open(files, "/donor/out");
  TRIMARAN_CHECK(reader.ok()) << reader.status();
  SentSnapshot sent{(*reader)->manifest(), {}};
  for (uint32_t i = 0; i < (*reader)->chunk_count(); ++i) {
    sent.chunks.push_back(*(*reader)->ReadChunk(i));
  }
  return sent;
}

}  // namespace trimaran::crash
