#include "engine/kv/leftovers.h"

#include <utility>

namespace trimaran::engine {

void Leftovers::AddGeneration(const SharedGeneration& generation) {
  const MutexLock lock(mutex_);
  tables_.push_back({generation->table, generation});
}

void Leftovers::AddTable(std::string table) {
  const MutexLock lock(mutex_);
  tables_.push_back({std::move(table), {}});
}

void Leftovers::AddCheckpoint(std::string name) {
  const MutexLock lock(mutex_);
  checkpoints_.push_back(std::move(name));
}

bool Leftovers::HasTables() const {
  const MutexLock lock(mutex_);
  return !tables_.empty();
}

std::vector<std::string> Leftovers::TakeTables() {
  std::vector<std::string> unused;
  const MutexLock lock(mutex_);
  std::erase_if(tables_, [&](Table& table) {
    if (!table.users.expired()) return false;
    unused.push_back(std::move(table.name));
    return true;
  });
  return unused;
}

std::vector<std::string> Leftovers::TakeCheckpoints() {
  const MutexLock lock(mutex_);
  return std::exchange(checkpoints_, {});
}

}  // namespace trimaran::engine
