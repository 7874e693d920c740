#include "engine/base/payload.h"

#include <cstring>
#include <new>

namespace trimaran {

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

void Payload::Free(Block* block) noexcept {
  block->~Block();
  ::operator delete(block);
}

}  // namespace trimaran
