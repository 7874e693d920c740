#ifndef TRIMARAN_BENCH_RAW_ITEMS_H_
#define TRIMARAN_BENCH_RAW_ITEMS_H_

#include <wiredtiger.h>

#include <string_view>

#include "engine/base/check.h"

// For those who call WiredTiger themselves.

namespace trimaran::bench {

inline void MustBeZero(int code) { TRIMARAN_CHECK_EQ(code, 0); }

inline WT_ITEM ItemOf(std::string_view bytes) {
  WT_ITEM item = {};
  item.data = bytes.data();
  item.size = bytes.size();
  return item;
}

inline std::string_view BytesOf(const WT_ITEM& item) {
  return {static_cast<const char*>(item.data), item.size};
}

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_RAW_ITEMS_H_
