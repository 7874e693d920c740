#ifndef TRIMARAN_TESTS_SUPPORT_DISK_FILE_BYTES_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_FILE_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace trimaran::disk {

// What the file system writes and caches in one piece, and what the device
// does.
inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kSectorBytes = 512;

// The content of one file. A copy shares its pages with the original, so that
// thousands of states of a disk cost little more than one.
//
// Invariants:
//  1. A page never changes once it is made.
//  2. What the last page holds behind the end of the file is zero.
//
// Thread: a value; copies may be used on different threads.
class FileBytes {
 public:
  FileBytes() = default;
  explicit FileBytes(std::string_view bytes) { Write(0, bytes); }

  uint64_t size() const { return size_; }

  // Returns how many bytes there were, less than asked for only at the end.
  size_t Read(uint64_t offset, absl::Span<char> buffer) const;
  // What lies between the end and `offset` becomes zero.
  void Write(uint64_t offset, std::string_view data);
  // What is added is zero.
  void Resize(uint64_t size);

  std::string ToString() const;
  // Bytes [offset, offset + count), as far as they exist.
  std::string Slice(uint64_t offset, size_t count) const;

  friend bool operator==(const FileBytes& a, const FileBytes& b);

 private:
  using Page = std::array<char, kPageBytes>;

  void WriteInPage(size_t page, size_t offset, std::string_view data);

  // Null: zeros only. Shared by all copies of this content.
  std::vector<std::shared_ptr<const Page>> pages_;
  uint64_t size_ = 0;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_FILE_BYTES_H_
