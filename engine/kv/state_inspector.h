#ifndef TRIMARAN_ENGINE_KV_STATE_INSPECTOR_H_
#define TRIMARAN_ENGINE_KV_STATE_INSPECTOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/logging.h"
#include "engine/kv/transfer.h"
#include "engine/wt/connection.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session.h"

// A look at the home of a state machine that nobody has open: whatever rows it
// has, whether they make sense or not. Nothing is changed or mended.

namespace trimaran::engine {

struct StateInspectorOptions {
  // The home of WiredTiger.
  std::string home;
  uint64_t cache_bytes = uint64_t{64} << 20;
  // As in wt::ConnectionOptions.
  std::string wiredtiger_extensions;
  Logger log;
};

// All rows of one table, as they are stored, in the order of their keys.
//
// Thread: one at a time. Must be destroyed before its inspector.
class RawRows {
 public:
  // For StateInspector.
  RawRows(std::unique_ptr<wt::Session> session, wt::Cursor cursor)
      : session_(std::move(session)), cursor_(std::move(cursor)) {}

  // Moves to the next row, at first to the first one; false at the end. The row
  // is valid until the next call. Corruption: its block is damaged.
  absl::StatusOr<bool> Next(StateRecord& row);
  // The next row is the first one at or after `key`.
  absl::Status SkipTo(std::string_view key);

 private:
  std::unique_ptr<wt::Session> session_;
  wt::Cursor cursor_;
  // The cursor is on the row that Next is to return, or there is none.
  enum class Ahead : uint8_t { kNothing, kRow, kEnd };
  Ahead ahead_ = Ahead::kNothing;
};

// Thread: one at a time.
class StateInspector {
 public:
  // NotFound: no home. Unavailable: open elsewhere. Corruption: damaged.
  // FailedPrecondition: as for wt::HomeMode::kReadOnly.
  static absl::StatusOr<std::unique_ptr<StateInspector>> Open(
      const StateInspectorOptions& options);

  struct Tables {
    // Rising.
    std::vector<uint64_t> generations;
    // Tables that are none of ours, sorted.
    std::vector<std::string> strange;
  };
  absl::StatusOr<Tables> ListTables();

  // Corruption if the table is not there.
  absl::StatusOr<std::unique_ptr<RawRows>> OpenRows(uint64_t generation);

 private:
  explicit StateInspector(std::unique_ptr<wt::Connection> connection)
      : connection_(std::move(connection)) {}

  std::unique_ptr<wt::Connection> connection_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_STATE_INSPECTOR_H_
