#ifndef TRIMARAN_BENCH_GROWING_STORES_H_
#define TRIMARAN_BENCH_GROWING_STORES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/local_group.h"
#include "bench/store.h"

namespace trimaran::bench {

// Writes [first, last), twenty at a time and again and again to the same
// kOverwrittenRows rows.
void Overwrite(Store& store, uint64_t first, uint64_t last, size_t value_bytes);
inline constexpr uint64_t kOverwrittenRows = 1000;

// Ours with one replica, and the others, which get larger from one benchmark to
// the next and can be closed and opened again.
class GrowingStores {
 public:
  enum class Begin : uint8_t { kOpen, kClosed };
  // In directories of their own below `root`, where there may be some.
  GrowingStores(const std::string& root, LogKept log,
                Begin begin = Begin::kOpen);
  ~GrowingStores();
  GrowingStores(const GrowingStores&) = delete;
  GrowingStores& operator=(const GrowingStores&) = delete;

  // With so many rows, of which the last checkpoint has all. To be asked for in
  // rising order, else one begins anew.
  static GrowingStores& WithRows(uint64_t rows, size_t value_bytes);
  // With so many writes in the log, as Overwrite makes them.
  static GrowingStores& WithLog(uint64_t writes, size_t value_bytes);
  // Closes what these two have made, before anything static goes.
  static void Release();

  size_t count() const { return slots_.size(); }
  // Ours is number 0.
  const std::string& name(size_t number) const { return slots_[number].name; }
  Store& store(size_t number) { return *slots_[number].store; }
  uint64_t rows() const { return rows_; }

  void Open(size_t number);
  void CloseAll();

 private:
  struct Slot {
    std::string name;
    std::function<std::unique_ptr<Store>()> open;
    std::unique_ptr<Store> store;
  };
  void GrowTo(uint64_t rows, size_t value_bytes);
  void OverwriteTo(uint64_t writes, size_t value_bytes);

  std::unique_ptr<LocalGroup> group_;
  std::vector<Slot> slots_;
  uint64_t rows_ = 0;
  uint64_t writes_ = 0;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_GROWING_STORES_H_
