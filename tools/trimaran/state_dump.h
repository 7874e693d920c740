#ifndef TRIMARAN_TOOLS_TRIMARAN_STATE_DUMP_H_
#define TRIMARAN_TOOLS_TRIMARAN_STATE_DUMP_H_

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/kv/transfer.h"
#include "tools/trimaran/dump_options.h"
#include "tools/trimaran/printer.h"

namespace trimaran::tool {

// The rows of a state, wherever they lie.
//
// Thread: owner.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // As StateExport.
  virtual absl::StatusOr<bool> Next(engine::StateRecord& row) = 0;
  // The next row is the first one at or behind `key`. Nothing else was called
  // since the source was made, or since the last call of this.
  virtual absl::Status SeekTo(std::string_view key) = 0;
};

// Dumps the parts of a state that are asked for: first what stands beside the
// rows, then the rows. Damaged records are shown as what they are, and counted;
// the rest is dumped all the same.
//
// Thread: owner.
class StateDump {
 public:
  // All must outlive this.
  StateDump(const DumpOptions& options, GroupId group, RowSource& rows,
            const std::atomic<bool>& interrupted, Printer& printer)
      : options_(options),
        group_(group),
        rows_(rows),
        interrupted_(interrupted),
        printer_(printer) {}

  // Corruption if something was damaged, after all that could be dumped.
  // InvalidArgument: there is no family of the given name. Cancelled.
  absl::Status Run();

 private:
  using FamilyId = engine::FamilyId;

  absl::Status ReadRecords();
  void Keep(const engine::Key& key, std::string_view value);
  void PrintRecords();
  absl::Status PrintRows();
  absl::Status PrintFamily(FamilyId family, const std::string& name);
  // Whether to go on.
  absl::Status CheckGoOn() const;
  void NoteDamage(const engine::Key& key, const absl::Status& error);

  const DumpOptions& options_;
  const GroupId group_;
  RowSource& rows_;
  const std::atomic<bool>& interrupted_;
  Printer& printer_;

  std::optional<engine::ApplyStateRecord> apply_state_;
  std::optional<engine::RegionRecord> region_;
  std::map<FamilyId, engine::FamilyRecord> families_;
  std::map<FamilyId, engine::FamilyRecord> dropped_;
  std::vector<Record> sessions_;
  uint64_t session_count_ = 0;
  uint64_t rows_left_ = 0;
  absl::Status damage_;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_STATE_DUMP_H_
