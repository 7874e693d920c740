#include "replication/node/snapshot_producer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "engine/home/store_identity.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_store.h"

namespace trimaran {

bool Serves(const engine::SnapshotManifest& manifest,
            const raft::SnapshotRequest& request) {
  return manifest.position.id.index >= request.index_min &&
         manifest.conf.Contains(request.peer);
}

SnapshotProducer::SnapshotProducer(const NodeOptions& options,
                                   const NodeEnvironment& environment,
                                   Errands& errands, Host host)
    : options_(options),
      env_(environment),
      errands_(errands),
      host_(std::move(host)),
      limiter_(options.snapshots.write_rate, environment.clock->Now()) {}

void SnapshotProducer::Request(const raft::SnapshotRequest& request) {
  if (stopped_) return;
  if (!busy() && env_.clock->Now() < resume_at_) {
    host_.unavailable(request.peer);
    return;
  }
  waiting_[request.peer] = request.index_min;
  if (!busy()) Look();
}

void SnapshotProducer::KeepNewest() {
  if (stopped_) return;
  kept_ = {std::nullopt, env_.clock->Now() + options_.snapshots.give_up_after};
  if (!busy_) GoOn();
}

void SnapshotProducer::ForgetRequests() {
  waiting_.clear();
  kept_.reset();
  if (!busy_) GoOn();
}

std::optional<LogIndex> SnapshotProducer::pinned() const {
  // What is written is newer than what is kept.
  if (kept_ && env_.clock->Now() < kept_->until) {
    if (!kept_->behind) return LogIndex();
    // Else the log does not reach back to it any more.
    if (*kept_->behind >= env_.store->log().truncated()) return kept_->behind;
  }
  if (writer_ == nullptr) return std::nullopt;
  return writer_->manifest().position.id.index;
}

void SnapshotProducer::Stop() {
  stopped_ = true;
  waiting_.clear();
  if (!busy_) GoOn();
}

void SnapshotProducer::Tick(MonotonicTime now) {
  if (writer_ != nullptr && !busy_ && resume_at_ <= now) GoOn();
}

void SnapshotProducer::GoOn() {
  if (waiting_.empty()) GiveUp();
  if (stopped_) return;
  // Before a writer goes on as well: what is there may serve who waits for it.
  if (kept_ && !kept_->behind) return Look();
  if (writer_ != nullptr && resume_at_ <= env_.clock->Now()) WriteMore();
}

// ---- One that is there ----

absl::StatusOr<SharedSnapshot> SnapshotProducer::FindNewest(
    engine::Store& store, MonotonicTime now) {
  engine::SnapshotStore& snapshots = store.snapshots();
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<engine::StoredSnapshot> stored,
                            snapshots.List(now));
  const engine::StoredSnapshot* newest = nullptr;
  for (const engine::StoredSnapshot& one : stored) {
    if (one.kind != engine::StoredKind::kOutgoing) continue;
    if (newest == nullptr || one.position.index > newest->position.index) {
      newest = &one;
    }
  }
  if (newest == nullptr) return SharedSnapshot();
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<engine::SnapshotReader> reader,
                            engine::SnapshotReader::Open(
                                store.files(), snapshots.PathOf(newest->name)));
  return SharedSnapshot(std::move(reader));
}

void SnapshotProducer::Look() {
  busy_ = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, now = env_.clock->Now()] {
        return FindNewest(*store, now);
      },
      [this](const absl::StatusOr<SharedSnapshot>& found) { OnFound(found); });
}

void SnapshotProducer::Keep(const absl::StatusOr<SharedSnapshot>& found) {
  if (!kept_) return;
  if (!found.ok() || *found == nullptr) return kept_.reset();
  kept_->behind = (*found)->manifest().position.id.index;
}

void SnapshotProducer::OnFound(const absl::StatusOr<SharedSnapshot>& found) {
  busy_ = false;
  Keep(found);
  if (!found.ok()) {
    Rest(found.status());
  } else if (*found != nullptr) {
    Serve(*found);
  }
  if (writer_ != nullptr || waiting_.empty()) return GoOn();
  // It was asked for while this was looking for another reason.
  if (env_.clock->Now() < resume_at_) {
    return RefuseAll(absl::UnavailableError("the last attempt has failed"));
  }
  BeginWriter();
}

// ---- One that is written ----

engine::SnapshotId SnapshotProducer::DrawId() {
  // 0 is none.
  return engine::SnapshotId(std::max<uint64_t>(1, env_.random->Next()));
}

SnapshotProducer::WriterResult SnapshotProducer::BeginWriting(
    engine::Store& store, engine::SnapshotId id,
    const SnapshotOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<engine::StateExport> state,
                            store.machine().NewExport());
  const std::string directory =
      store.snapshots().PathOf(engine::OutgoingName(state->position().id));
  return engine::SnapshotWriter::Start(
      store.files(), directory,
      {.id = id,
       .cluster = store.identity().cluster,
       .group = store.identity().group},
      std::move(state),
      {.chunk_bytes_target = options.chunk_bytes_target,
       .free_bytes_min = options.free_bytes_min});
}

void SnapshotProducer::BeginWriter() {
  busy_ = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, id = DrawId(), &options = options_.snapshots] {
        return BeginWriting(*store, id, options);
      },
      [this](WriterResult writer) {
        busy_ = false;
        if (writer.ok()) {
          writer_ = *std::move(writer);
          written_bytes_ = 0;
        } else {
          Rest(writer.status());
        }
        GoOn();
      });
}

SnapshotProducer::Written SnapshotProducer::WriteNext(
    engine::Store& store, engine::SnapshotWriter& writer) {
  const absl::StatusOr<engine::SnapshotProgress> progress = writer.Step();
  if (!progress.ok()) return {.status = progress.status()};
  Written written;
  written.bytes = progress->bytes;
  if (!progress->done) return written;
  auto reader = engine::SnapshotReader::Open(store.files(), writer.directory());
  if (!reader.ok()) return {.status = reader.status()};
  written.whole = *std::move(reader);
  return written;
}

void SnapshotProducer::WriteMore() {
  busy_ = true;
  errands_.Run(
      *env_.lanes.maintenance,
      [store = env_.store, writer = writer_.get()] {
        return WriteNext(*store, *writer);
      },
      [this](const Written& written) {
        busy_ = false;
        OnWritten(written);
        GoOn();
      });
}

void SnapshotProducer::OnWritten(const Written& written) {
  if (!written.status.ok()) return Rest(written.status);
  if (written.whole != nullptr) {
    ++produced_;
    GiveUp();
    Serve(written.whole);
    return RefuseAll(absl::UnavailableError("the snapshot is too old"));
  }
  const uint64_t bytes = written.bytes - written_bytes_;
  written_bytes_ = written.bytes;
  const MonotonicTime now = env_.clock->Now();
  resume_at_ = now + limiter_.Charge(bytes, now);
}

void SnapshotProducer::GiveUp() {
  if (writer_ == nullptr) return;
  // Its pause ends with it.
  resume_at_ = MonotonicTime();
  // What it removes, and the export in it, belong to that lane.
  errands_.Run(
      *env_.lanes.maintenance,
      [writer = std::move(writer_)]() mutable {
        writer.reset();
        return true;
      },
      [](bool) {});
}

// ---- Answers ----

void SnapshotProducer::Serve(const SharedSnapshot& snapshot) {
  for (const auto& [peer, index_min] : std::exchange(waiting_, {})) {
    if (Serves(snapshot->manifest(), {peer, index_min})) {
      host_.available(peer, snapshot);
    } else {
      waiting_.emplace(peer, index_min);
    }
  }
}

void SnapshotProducer::RefuseAll(const absl::Status& why) {
  if (waiting_.empty()) return;
  env_.logger.Info("no snapshot for now: ", ToStd(why.message()));
  for (const auto& [peer, index_min] : std::exchange(waiting_, {})) {
    host_.unavailable(peer);
  }
}

void SnapshotProducer::Rest(const absl::Status& why) {
  GiveUp();
  resume_at_ = env_.clock->Now() + options_.snapshots.retry_after;
  RefuseAll(why);
}

}  // namespace trimaran
