#include "bench/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace trimaran::bench {
namespace {

// Global because operator new is.
std::atomic<uint64_t> allocation_count{0};

void* Allocate(size_t size) {
  allocation_count.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

uint64_t AllocationCount() {
  return allocation_count.load(std::memory_order_relaxed);
}

}  // namespace trimaran::bench

void* operator new(size_t size) { return trimaran::bench::Allocate(size); }
void* operator new[](size_t size) { return trimaran::bench::Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
