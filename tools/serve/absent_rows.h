#ifndef TRIMARAN_TOOLS_SERVE_ABSENT_ROWS_H_
#define TRIMARAN_TOOLS_SERVE_ABSENT_ROWS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trimaran/db.h"

namespace trimaran::serve {

// Notices when rows that were not there come, also if they go again: of what is
// not there a database keeps no version. Costs nothing until it is asked.
//
// Thread: one at a time.
class AbsentRows {
 public:
  // `keys`, of which there is one at least, had no rows as of `index`. The
  // database may be closed before this is gone.
  static std::shared_ptr<AbsentRows> Since(DB& db,
                                           std::vector<std::string> keys,
                                           uint64_t index);

  // False if one of the rows has been written at any time up to `index`, and
  // for ever after that; also if that cannot be told any more, or only with
  // more looks at what was done since, some 256 KiB each, than `looks_left`.
  bool StillAbsent(uint64_t index, int& looks_left);

 private:
  AbsentRows(std::vector<std::string> keys, std::unique_ptr<Watcher> watcher)
      : keys_(std::move(keys)), watcher_(std::move(watcher)) {}

  bool Concerns(const WatchBatch& batch) const;

  // In order.
  const std::vector<std::string> keys_;
  // Null: not absent any more.
  std::unique_ptr<Watcher> watcher_;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_ABSENT_ROWS_H_
