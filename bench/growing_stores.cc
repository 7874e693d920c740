#include "bench/growing_stores.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bench/scratch_directory.h"

namespace trimaran::bench {
namespace {

// One at a time: those with rows, or those with a log.
struct Kept {
  std::unique_ptr<ScratchDirectory> root;
  std::unique_ptr<GrowingStores> stores;
  LogKept log = LogKept::kUsual;
};
Kept& TheKept() {
  static Kept kept;
  return kept;
}
// The same as before, unless they are of another kind or too large.
GrowingStores& KeptWith(LogKept log, bool too_large) {
  Kept& kept = TheKept();
  if (kept.stores == nullptr || kept.log != log || too_large) {
    kept.stores.reset();
    kept.root = std::make_unique<ScratchDirectory>();
    kept.stores = std::make_unique<GrowingStores>(kept.root->path(), log);
    kept.log = log;
  }
  return *kept.stores;
}

}  // namespace

void Overwrite(Store& store, uint64_t first, uint64_t last,
               size_t value_bytes) {
  constexpr uint64_t rows_each = 20;
  const auto client = store.NewClient();
  for (uint64_t begin = first; begin < last; begin += rows_each) {
    std::vector<Row> batch;
    for (uint64_t i = begin; i < std::min(begin + rows_each, last); ++i) {
      batch.push_back({KeyOf(i % kOverwrittenRows), Noise(i, value_bytes)});
    }
    client->Write(batch);
  }
}

GrowingStores::GrowingStores(const std::string& root, LogKept log,
                             Begin begin) {
  const auto add = [this](const char* name, auto open) {
    slots_.push_back({.name = name, .open = std::move(open), .store = nullptr});
  };
  add("ours", [this, log, root] {
    std::filesystem::create_directories(root);
    group_ = std::make_unique<LocalGroup>(root, 1, OptionsFor(log));
    return StoreOf(*group_);
  });
  add("wiredtiger",
      [log, root] { return OpenWiredTiger(root + "/wiredtiger", log); });
  if (HasRocksDb()) {
    add("rocksdb", [log, root] { return OpenRocksDb(root + "/rocksdb", log); });
  }
  if (begin == Begin::kClosed) return;
  for (size_t i = 0; i < slots_.size(); ++i) Open(i);
}

GrowingStores::~GrowingStores() { CloseAll(); }

GrowingStores& GrowingStores::WithRows(uint64_t rows, size_t value_bytes) {
  const GrowingStores* const now = TheKept().stores.get();
  GrowingStores& stores =
      KeptWith(LogKept::kUsual, now != nullptr && now->rows_ > rows);
  stores.GrowTo(rows, value_bytes);
  return stores;
}

GrowingStores& GrowingStores::WithLog(uint64_t writes, size_t value_bytes) {
  const GrowingStores* const now = TheKept().stores.get();
  GrowingStores& stores =
      KeptWith(LogKept::kWhole, now != nullptr && now->writes_ > writes);
  stores.OverwriteTo(writes, value_bytes);
  return stores;
}

void GrowingStores::Release() {
  TheKept().stores.reset();
  TheKept().root.reset();
}

void GrowingStores::Open(size_t number) {
  Slot& slot = slots_[number];
  slot.store = slot.open();
}

void GrowingStores::CloseAll() {
  for (Slot& slot : slots_) slot.store.reset();
  group_.reset();
}

void GrowingStores::GrowTo(uint64_t rows, size_t value_bytes) {
  if (rows_ >= rows) return;
  for (const Slot& slot : slots_) {
    Fill(*slot.store, rows_, rows, value_bytes);
    slot.store->Checkpoint();
  }
  rows_ = rows;
}

void GrowingStores::OverwriteTo(uint64_t writes, size_t value_bytes) {
  rows_ = kOverwrittenRows;
  if (writes_ >= writes) return;
  for (const Slot& slot : slots_) {
    Overwrite(*slot.store, writes_, writes, value_bytes);
  }
  writes_ = writes;
}

}  // namespace trimaran::bench
