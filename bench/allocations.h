#ifndef TRIMARAN_BENCH_ALLOCATIONS_H_
#define TRIMARAN_BENCH_ALLOCATIONS_H_

#include <cstdint>

namespace trimaran::bench {

// How often this program has called operator new. A program that links
// allocations.cc has its global operator new replaced by one that counts.
//
// Thread: any, but counts of several threads are not kept apart.
uint64_t AllocationCount();

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_ALLOCATIONS_H_
