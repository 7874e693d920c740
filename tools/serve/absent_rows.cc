#include "tools/serve/absent_rows.h"

#include <algorithm>

namespace trimaran::serve {

std::shared_ptr<AbsentRows> AbsentRows::Since(DB& db,
                                              std::vector<std::string> keys,
                                              uint64_t index) {
  std::sort(keys.begin(), keys.end());
  KeyRange range = {.begin = keys.front(), .end = keys.back()};
  // The key that comes next.
  range.end.push_back('\0');
  auto watcher = db.Watch(range, {.from_index = index + 1});
  return std::shared_ptr<AbsentRows>(new AbsentRows(
      std::move(keys), watcher.ok() ? *std::move(watcher) : nullptr));
}

bool AbsentRows::StillAbsent(uint64_t index, int& looks_left) {
  // What is asked about has been applied here, and is there to be read a moment
  // before watchers hear of it.
  constexpr absl::Duration moment = absl::Milliseconds(5);
  absl::Duration patience;
  while (watcher_ != nullptr && watcher_->next_index() <= index) {
    const uint64_t before = watcher_->next_index();
    const auto batch = looks_left-- > 0
                           ? watcher_->Next(patience)
                           : absl::OutOfRangeError("too much has been done");
    const bool heard = watcher_->next_index() != before;
    patience = heard ? absl::ZeroDuration() : moment;
    if (!batch.ok() || Concerns(*batch)) watcher_.reset();
  }
  return watcher_ != nullptr;
}

bool AbsentRows::Concerns(const WatchBatch& batch) const {
  // Where there is nothing, nothing is deleted.
  return std::any_of(
      batch.changes.begin(), batch.changes.end(), [this](const Change& change) {
        return change.kind == Change::Kind::kPut &&
               std::binary_search(keys_.begin(), keys_.end(), change.key);
      });
}

}  // namespace trimaran::serve
