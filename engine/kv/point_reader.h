#ifndef TRIMARAN_ENGINE_KV_POINT_READER_H_
#define TRIMARAN_ENGINE_KV_POINT_READER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/command.h"
#include "engine/kv/published_state.h"
#include "engine/kv/row_key_builder.h"
#include "engine/wt/connection.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session.h"

namespace trimaran::engine {

// Reads single rows of the present state. A search takes about a microsecond,
// so that a lock, or a counter that all threads write, would be felt: each
// thread has a place that it tries first, with a session, a cursor and all that
// is needed to read, and normally finds it free and up to date.
//
// Thread: any.
class PointReader {
 public:
  // Reads at a time; whoever is one too many waits for another to finish.
  static constexpr size_t kPlaces = 16;

  // Both must outlive this.
  PointReader(GroupId group, wt::Connection& connection,
              const PublishedState& published);
  PointReader(const PointReader&) = delete;
  PointReader& operator=(const PointReader&) = delete;

  // As StateMachine::Get; `key` is one that can exist.
  absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                           std::string& value);

  // Lets go of every generation but the present one. Waits for reads.
  void ReleaseOldGenerations();

 private:
  // Whoever has set `busy` owns the rest. On a cache line of its own.
  struct alignas(64) Place {
    explicit Place(GroupId group) : keys(group) {}

    std::atomic<bool> busy = false;
    ReadBasis basis;
    std::unique_ptr<wt::Session> session;
    wt::Cursor cursor;
    RowKeyBuilder keys;
  };
  class Hold;

  absl::Status Refresh(Place& place);
  absl::StatusOr<bool> Read(FamilyId family, std::string_view key,
                            std::string& value, Place& place);

  wt::Connection& connection_;
  const PublishedState& published_;
  std::array<std::unique_ptr<Place>, kPlaces> places_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_POINT_READER_H_
