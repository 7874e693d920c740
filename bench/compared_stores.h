#ifndef TRIMARAN_BENCH_COMPARED_STORES_H_
#define TRIMARAN_BENCH_COMPARED_STORES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench/local_group.h"
#include "bench/paired.h"
#include "bench/scratch_directory.h"
#include "bench/store.h"

namespace trimaran::bench {

// A group of ours, and the others, all of them empty at first.
class ComparedStores {
 public:
  explicit ComparedStores(uint64_t replicas);

  // The same as long as the number stays the same, for all benchmarks of a
  // program that come one after the other.
  static ComparedStores& Of(int64_t replicas);

  LocalGroup& group() { return group_; }
  // Ours first.
  const std::vector<std::unique_ptr<Store>>& all() const { return stores_; }

  // All of them, at the same work.
  std::vector<Contender> Contenders(const std::function<void(Store&)>& work);

 private:
  ScratchDirectory root_;
  LocalGroup group_;
  std::vector<std::unique_ptr<Store>> stores_;
};

// What `main` does. Closes what ComparedStores::Of has made before anything
// static goes that RocksDB needs.
int RunBenchmarks(int argc, char** argv);

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_COMPARED_STORES_H_
