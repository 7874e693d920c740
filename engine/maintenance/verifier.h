#ifndef TRIMARAN_ENGINE_MAINTENANCE_VERIFIER_H_
#define TRIMARAN_ENGINE_MAINTENANCE_VERIFIER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/base/logging.h"
#include "engine/base/work_progress.h"
#include "engine/file/file_system.h"
#include "engine/maintenance/state_hash.h"
#include "engine/maintenance/verify_report.h"

// Whether what is on disk is what was written, and agrees with itself. Nothing
// is written or mended. Memory is bounded by the limits of the formats,
// whatever the size of the store.

namespace trimaran::engine {

// How much is looked at. Each includes the one before it.
enum class VerifyDepth : uint8_t {
  // The log, and what the state says about itself. Reads no rows.
  kQuick,
  // Every row, and every chunk's checksum; and the hash of the state.
  kFull,
  // Every record in snapshots as well.
  kDeep,
};

struct VerifyOptions {
  VerifyDepth depth = VerifyDepth::kFull;
  // Told every few thousand rows; a step is a check.
  WorkWatcher progress;
};

// A store that nobody has open: whoever calls holds its lock.
struct StoredStore {
  // Must outlive the call.
  FileSystem* files = nullptr;
  std::string directory;
  // Where to find WiredTiger's home if not in the directory: a place of links
  // (wt::HomeMode::kReadOnly).
  std::string state_home;
  // As in wt::ConnectionOptions.
  std::string wiredtiger_extensions;
  Logger log;
};

struct Verification {
  VerifyReport report;
  // Of the state in the table or in the snapshot, if all of it was read and is
  // one.
  std::optional<StateDigest> digest;
  // Of a stored store: of which generation that state is.
  uint64_t generation = 0;
};

// The checks "identity", "floor", "log", "state", "agreement", "snapshots".
// What is damaged is in the report. An error means that something could not be
// looked at: NotFound (no store), Unavailable (in use), PermissionDenied,
// ResourceExhausted, NewerFormatError, Cancelled.
//
// Thread: any.
absl::StatusOr<Verification> VerifyStoredStore(const StoredStore& store,
                                               const VerifyOptions& options);

// The check "snapshot" of one finished snapshot or backup. NotFound if it is
// none.
//
// Thread: any.
absl::StatusOr<Verification> VerifySnapshot(FileSystem& files,
                                            std::string_view directory,
                                            const VerifyOptions& options);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_MAINTENANCE_VERIFIER_H_
