#include "tests/api/failing_new.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace trimaran {
namespace {

// Global because operator new is.
struct Plan {
  // Of calls until one fails; 0 if none does.
  uint64_t left = 0;
  Lack lack = Lack::kOnce;
  bool failed = false;
};
constinit thread_local Plan plan;

std::atomic<uint64_t> chance_one_in = 0;
std::atomic<uint64_t> chance_state = 0;

bool FailsAsPlanned() {
  if (plan.left == 0 || --plan.left > 0) return false;
  plan.failed = true;
  if (plan.lack == Lack::kFromThenOn) plan.left = 1;
  return true;
}

void* Allocate(size_t size) {
  void* memory = nullptr;
  if (!FailsAsPlanned() && !FailsByChance()) {
    memory = std::malloc(size == 0 ? 1 : size);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

FailingNew::FailingNew(uint64_t nth, Lack lack) {
  plan = {.left = nth, .lack = lack, .failed = false};
}

FailingNew::~FailingNew() { plan.left = 0; }

bool FailingNew::failed() const { return plan.failed; }

void FailAnywhere(uint64_t one_in, uint64_t seed) {
  chance_state = seed;
  chance_one_in = one_in;
}

bool FailsByChance() {
  const uint64_t one_in = chance_one_in.load(std::memory_order_relaxed);
  if (one_in == 0) return false;
  // As splitmix64 does, for it is one word that all threads share.
  uint64_t mixed = chance_state.fetch_add(0x9e3779b97f4a7c15);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return (mixed ^ (mixed >> 31)) % one_in == 0;
}

}  // namespace trimaran

void* operator new(size_t size) { return trimaran::Allocate(size); }
void* operator new[](size_t size) { return trimaran::Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
