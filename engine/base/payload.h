#ifndef TRIMARAN_ENGINE_BASE_PAYLOAD_H_
#define TRIMARAN_ENGINE_BASE_PAYLOAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace trimaran {

// The bytes of one log entry: immutable, and shared by everything that holds
// the entry (the log window, messages to several peers, the writer, the
// applier), so that a proposal is copied once, when it is made.
//
// Invariants:
//  1. The bytes never change after construction.
//  2. An empty payload owns nothing; a non-empty one is a single allocation.
//
// Thread: a value; copies may be used and destroyed on different threads.
class Payload {
 public:
  Payload() = default;
  // Copies `bytes`.
  explicit Payload(std::string_view bytes);

  Payload(const Payload& other) noexcept : block_(other.block_) { Ref(); }
  Payload(Payload&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)) {}
  Payload& operator=(const Payload& other) noexcept {
    Payload copy(other);
    std::swap(block_, copy.block_);
    return *this;
  }
  Payload& operator=(Payload&& other) noexcept {
    // By way of a third, so that the old bytes are freed here and now.
    Payload taken(std::move(other));
    std::swap(block_, taken.block_);
    return *this;
  }
  ~Payload() {
    if (block_ != nullptr) Unref();
  }

  // Valid as long as any copy of this payload lives.
  std::string_view bytes() const;
  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return block_ == nullptr; }

  friend bool operator==(const Payload& a, const Payload& b) {
    return a.block_ == b.block_ || a.bytes() == b.bytes();
  }

 private:
  // The bytes follow the header in the same allocation.
  struct Block {
    explicit Block(size_t byte_count) : size(byte_count) {}

    char* data() { return reinterpret_cast<char*>(this + 1); }

    std::atomic<uint32_t> references{1};
    size_t size;
  };

  void Ref() const noexcept {
    // Relaxed: whoever copies already holds a reference.
    if (block_ != nullptr) {
      block_->references.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void Unref() noexcept {
    // The last holder may read only what the other holders left behind, hence
    // release by all and acquire by the one that frees. Nobody can come to a
    // reference while this is the only one, so that it may be read first.
    if (block_->references.load(std::memory_order_acquire) == 1 ||
        block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      Free(block_);
    }
  }
  static void Free(Block* block) noexcept;

  Block* block_ = nullptr;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_PAYLOAD_H_
