#include "engine/base/payload.h"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>

namespace trimaran {

// The bytes follow the header in the same allocation.
struct Payload::Block {
  explicit Block(size_t byte_count) : size(byte_count) {}

  char* data() { return reinterpret_cast<char*>(this + 1); }

  std::atomic<uint32_t> references{1};
  size_t size;
};

Payload::Payload(std::string_view bytes) {
  if (bytes.empty()) return;
  void* memory = ::operator new(sizeof(Block) + bytes.size());
  block_ = new (memory) Block(bytes.size());
  std::memcpy(block_->data(), bytes.data(), bytes.size());
}

std::string_view Payload::bytes() const {
  if (block_ == nullptr) return {};
  return {block_->data(), block_->size};
}

size_t Payload::size() const { return block_ == nullptr ? 0 : block_->size; }

void Payload::Ref() const noexcept {
  // Relaxed: whoever copies already holds a reference.
  if (block_ != nullptr) {
    block_->references.fetch_add(1, std::memory_order_relaxed);
  }
}

void Payload::Unref() noexcept {
  // The last holder may read only what the other holders left behind, hence
  // release by all and acquire by the one that frees.
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    block_->~Block();
    ::operator delete(block_);
  }
}

}  // namespace trimaran
