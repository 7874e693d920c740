#ifndef TRIMARAN_ENGINE_KV_LEFTOVERS_H_
#define TRIMARAN_ENGINE_KV_LEFTOVERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "engine/base/mutex.h"
#include "engine/kv/generation.h"

namespace trimaran::engine {

// Tables and named checkpoints that are not needed any more, until the
// maintenance lane removes them. What a crash leaves here is found at the next
// open.
//
// Thread: any.
class Leftovers {
 public:
  Leftovers() = default;
  Leftovers(const Leftovers&) = delete;
  Leftovers& operator=(const Leftovers&) = delete;

  // To be dropped when nobody holds `generation` any more.
  void AddGeneration(const SharedGeneration& generation);
  // To be dropped when it can be.
  void AddTable(std::string table);
  void AddCheckpoint(std::string name);

  bool HasTables() const;
  // Hands out the tables that nobody holds. Add again what cannot be dropped.
  std::vector<std::string> TakeTables();
  // Hands out the checkpoints. Add again what cannot be dropped.
  std::vector<std::string> TakeCheckpoints();

 private:
  struct Table {
    std::string name;
    std::weak_ptr<const Generation> users;
  };

  mutable Mutex mutex_;
  std::vector<Table> tables_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> checkpoints_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_LEFTOVERS_H_
