#ifndef TRIMARAN_TOOLS_TRIMARAN_STORE_STATUS_H_
#define TRIMARAN_TOOLS_TRIMARAN_STORE_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/log_types.h"
#include "engine/format/records.h"
#include "engine/home/store_identity.h"
#include "engine/log/log_store.h"
#include "tools/trimaran/printer.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// Files below a directory: what they would read as, and what they take.
struct DiskUse {
  uint64_t bytes = 0;
  uint64_t allocated = 0;
};

// What is in a log and a state that are whole.
struct StoreContents {
  engine::LogState log;
  engine::ApplyStateRecord applied;
  engine::RegionRecord region;
  // Up to here everything is certainly committed.
  LogIndex committed;
};

struct SnapshotDirectory {
  std::string name;
  std::string state;
  DiskUse use;
};

// A store that no process has open, without its rows.
//
// Thread: a value; any.
struct StoreStatus {
  std::string path;
  std::optional<engine::StoreIdentity> identity;
  std::optional<StoreContents> contents;
  std::vector<SnapshotDirectory> snapshots;
  DiskUse log_use;
  DiskUse state_use;
  DiskUse total_use;
  // What the next open will do, besides opening.
  std::vector<std::string> opening;
  // What it will be refused for.
  std::vector<std::string> damage;
};

// Reads the log, and what stands beside the rows. What is damaged is in the
// result; the errors are those of LookAtStore and VerifyStoredStore.
absl::StatusOr<StoreStatus> ReadStoreStatus(std::string_view path,
                                            ProgressBar& progress,
                                            Environment& environment);

void PrintStoreStatus(const StoreStatus& status, Printer& printer);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_STORE_STATUS_H_
