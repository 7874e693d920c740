#include "engine/wt/statistics.h"

#include <wiredtiger.h>

#include "engine/base/status_macros.h"
#include "engine/wt/session.h"

namespace trimaran::wt {
namespace {

absl::Status ReadOne(Session& session, RawCursor* cursor, int key,
                     uint64_t& result) {
  cursor->set_key(cursor, key);
  int code = cursor->search(cursor);
  const char* description = nullptr;
  const char* printable = nullptr;
  int64_t value = 0;
  if (code == 0) {
    code = cursor->get_value(cursor, &description, &printable, &value);
  }
  if (code != 0) return session.Fail(code, Operation::kStatistics, "");
  // Counters that several threads change without a lock may dip below 0.
  result = value < 0 ? 0 : static_cast<uint64_t>(value);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Statistics> ReadStatistics(Session& session) {
  TRIMARAN_ASSIGN_OR_RETURN(
      RawCursor* const raw,
      session.OpenRaw("statistics:", "statistics=(fast)", "statistics"));
  // Closes it.
  const Cursor owner(&session, raw);
  Statistics statistics;
  uint64_t checkpoint_millis = 0;
  const struct {
    int key;
    uint64_t* result;
  } wanted[] = {
      {WT_STAT_CONN_CACHE_BYTES_MAX, &statistics.cache_bytes_max},
      {WT_STAT_CONN_CACHE_BYTES_INUSE, &statistics.cache_bytes_used},
      {WT_STAT_CONN_CACHE_BYTES_DIRTY, &statistics.cache_bytes_dirty},
      {WT_STAT_CONN_CACHE_LOOKASIDE_INSERT, &statistics.lookaside_inserts},
      {WT_STAT_CONN_TXN_CHECKPOINT, &statistics.checkpoints},
      {WT_STAT_CONN_TXN_CHECKPOINT_TIME_RECENT, &checkpoint_millis},
      {WT_STAT_CONN_TXN_PINNED_RANGE, &statistics.pinned_transactions},
      {WT_STAT_CONN_SESSION_OPEN, &statistics.open_sessions},
  };
  for (const auto& [key, result] : wanted) {
    TRIMARAN_RETURN_IF_ERROR(ReadOne(session, raw, key, *result));
  }
  statistics.last_checkpoint = absl::Milliseconds(checkpoint_millis);
  return statistics;
}

}  // namespace trimaran::wt
