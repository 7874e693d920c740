#ifndef TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_LOADER_H_
#define TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_LOADER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/format/state_summary.h"
#include "engine/kv/transfer.h"
#include "engine/snapshot/snapshot_reader.h"

namespace trimaran::engine {

// Puts a finished snapshot into an empty state, a chunk at a time: for an
// installation, and to restore a backup.
//
// Invariant: the import is finished only with exactly the records that the
// manifest describes.
//
// Thread: the owner of the import.
class SnapshotLoader {
 public:
  // Both outlive the loader.
  SnapshotLoader(const SnapshotReader& reader, StateImport& import);

  // Adds the records of one chunk; behind the last one, compares them all with
  // the manifest and makes them durable (StateImport::Finish). True if there
  // is more to do. Corruption: the snapshot is damaged. After an error every
  // call returns it, and the import is to be dropped.
  absl::StatusOr<bool> Step();

  uint32_t chunks_loaded() const { return chunks_loaded_; }
  // Of the chunks that are not loaded yet.
  uint64_t bytes_left() const { return bytes_left_; }

 private:
  absl::Status LoadChunk();
  absl::Status Finish();

  const SnapshotReader& reader_;
  StateImport& import_;
  StateSummarizer summarizer_;
  uint32_t chunks_loaded_ = 0;
  uint64_t bytes_left_ = 0;
  bool finished_ = false;
  absl::Status failure_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_SNAPSHOT_SNAPSHOT_LOADER_H_
