#include "tools/serve/cursor_table.h"

#include <iterator>

namespace trimaran::serve {

uint64_t CursorTable::Add(std::string key) {
  const MutexLock lock(mutex_);
  if (entries_.size() >= kCursorsMax) {
    places_.erase(entries_.front().first);
    entries_.pop_front();
  }
  const uint64_t cursor = next_++;
  entries_.emplace_back(cursor, std::move(key));
  places_[cursor] = std::prev(entries_.end());
  return cursor;
}

std::optional<std::string> CursorTable::Find(uint64_t cursor) {
  const MutexLock lock(mutex_);
  const auto found = places_.find(cursor);
  if (found == places_.end()) return std::nullopt;
  entries_.splice(entries_.end(), entries_, found->second);
  return found->second->second;
}

}  // namespace trimaran::serve
