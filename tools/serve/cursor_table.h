#ifndef TRIMARAN_TOOLS_SERVE_CURSOR_TABLE_H_
#define TRIMARAN_TOOLS_SERVE_CURSOR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "engine/base/mutex.h"

namespace trimaran::serve {

// Where the scans of clients go on. A cursor of Redis is a number, and a key
// does not fit into one, so that it is kept here, for whoever uses it last:
// 4096 cursors, of all clients.
//
// Thread: any.
class CursorTable {
 public:
  // `first` tells the cursors of one process from those of another.
  explicit CursorTable(uint64_t first) : next_(first | 1) {}

  // The number under which `key` is found again. Not 0.
  uint64_t Add(std::string key);
  // Empty if it is not known, or not any more. May be asked again.
  std::optional<std::string> Find(uint64_t cursor);

 private:
  static constexpr size_t kCursorsMax = 4096;
  using Entry = std::pair<uint64_t, std::string>;

  Mutex mutex_;
  uint64_t next_ ABSL_GUARDED_BY(mutex_);
  // Whoever was used last stands at the end.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, std::list<Entry>::iterator> places_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_CURSOR_TABLE_H_
