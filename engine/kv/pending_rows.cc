#include "engine/kv/pending_rows.h"

#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace trimaran::engine {

absl::StatusOr<bool> PendingRows::Get(std::string_view key,
                                      std::string_view& value) {
  const auto place = pending_.find(key);
  if (place == pending_.end()) return rows_.Get(key, value);
  if (!place->second.has_value()) return false;
  value = *place->second;
  return true;
}

absl::Status PendingRows::Put(std::string_view key, std::string_view value) {
  const auto place = pending_.find(key);
  if (place != pending_.end()) {
    place->second.emplace(value);
  } else {
    pending_.emplace(key, value);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PendingRows::Remove(std::string_view key) {
  const auto place = pending_.find(key);
  if (place != pending_.end()) {
    const bool existed = place->second.has_value();
    place->second.reset();
    return existed;
  }
  std::string_view value;
  TRIMARAN_ASSIGN_OR_RETURN(const bool existed, rows_.Get(key, value));
  if (existed) pending_.emplace(key, std::nullopt);
  return existed;
}

absl::StatusOr<uint64_t> PendingRows::CountRange(const KeyRange& range,
                                                 uint64_t count_max) {
  TRIMARAN_RETURN_IF_ERROR(Flush());
  return rows_.CountRange(range, count_max);
}

absl::StatusOr<uint64_t> PendingRows::RemoveRange(const KeyRange& range,
                                                  uint64_t count_max) {
  if (!range.end.empty() && range.end <= range.begin) return 0;
  const auto first = pending_.lower_bound(range.begin);
  const auto end =
      range.end.empty() ? pending_.end() : pending_.lower_bound(range.end);
  uint64_t visible_count = 0;
  uint64_t hidden_count = 0;
  for (auto place = first; place != end; ++place) {
    if (place->second.has_value()) ++visible_count;
    std::string_view value;
    TRIMARAN_ASSIGN_OR_RETURN(const bool hidden,
                              rows_.Get(place->first, value));
    if (hidden) ++hidden_count;
  }
  pending_.erase(first, end);
  TRIMARAN_ASSIGN_OR_RETURN(const uint64_t removed_count,
                            rows_.RemoveRange(range, count_max));
  TRIMARAN_CHECK_LT(removed_count, count_max);
  TRIMARAN_CHECK_GE(removed_count, hidden_count);
  return visible_count + removed_count - hidden_count;
}

absl::Status PendingRows::Flush() {
  for (const auto& [key, value] : pending_) {
    TRIMARAN_RETURN_IF_ERROR(value.has_value() ? rows_.Put(key, *value)
                                               : rows_.Remove(key).status());
  }
  pending_.clear();
  return absl::OkStatus();
}

}  // namespace trimaran::engine
