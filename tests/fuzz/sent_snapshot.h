#ifndef TRIMARAN_TESTS_FUZZ_SENT_SNAPSHOT_H_
#define TRIMARAN_TESTS_FUZZ_SENT_SNAPSHOT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/log_types.h"
#include "engine/format/manifest.h"

namespace trimaran {

// A snapshot as whoever sends it has it.
//
// Thread: a value; any.
struct SentSnapshot {
  engine::SnapshotManifest manifest;
  // As they are sent.
  std::vector<std::string> chunks;

  // Of the directory that it is received into.
  std::string name() const;
};

// One of `rows` rows, in a chunk for every few of them. The same arguments, the
// same snapshot.
SentSnapshot MakeSentSnapshot(engine::SnapshotId id, LogIndex index,
                              size_t rows);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_FUZZ_SENT_SNAPSHOT_H_
