#include "tests/support/disk/file_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace trimaran::disk {
namespace {

constexpr std::array<char, kPageBytes> kZeroPage{};

}  // namespace

size_t FileBytes::Read(uint64_t offset, absl::Span<char> buffer) const {
  if (offset >= size_) return 0;
  const size_t count =
      static_cast<size_t>(std::min<uint64_t>(buffer.size(), size_ - offset));
  size_t done = 0;
  while (done < count) {
    const uint64_t at = offset + done;
    const size_t in_page = static_cast<size_t>(at % kPageBytes);
    const size_t piece = std::min(count - done, kPageBytes - in_page);
    const auto& page = pages_[static_cast<size_t>(at / kPageBytes)];
    std::memcpy(buffer.data() + done,
                (page == nullptr ? kZeroPage : *page).data() + in_page, piece);
    done += piece;
  }
  return count;
}

void FileBytes::Write(uint64_t offset, std::string_view data) {
  if (data.empty()) return;
  if (offset + data.size() > size_) Resize(offset + data.size());
  while (!data.empty()) {
    const size_t in_page = static_cast<size_t>(offset % kPageBytes);
    const size_t piece = std::min(data.size(), kPageBytes - in_page);
    WriteInPage(static_cast<size_t>(offset / kPageBytes), in_page,
                data.substr(0, piece));
    data.remove_prefix(piece);
    offset += piece;
  }
}

void FileBytes::Resize(uint64_t size) {
  const size_t in_page = static_cast<size_t>(size % kPageBytes);
  pages_.resize(static_cast<size_t>((size + kPageBytes - 1) / kPageBytes));
  if (size < size_ && in_page != 0 && pages_.back() != nullptr) {
    const std::string zeros(kPageBytes - in_page, '\0');
    WriteInPage(pages_.size() - 1, in_page, zeros);
  }
  size_ = size;
}

std::string FileBytes::ToString() const {
  return Slice(0, static_cast<size_t>(size_));
}

std::string FileBytes::Slice(uint64_t offset, size_t count) const {
  if (offset >= size_) return "";
  std::string bytes(
      static_cast<size_t>(std::min<uint64_t>(count, size_ - offset)), '\0');
  Read(offset, absl::MakeSpan(bytes));
  return bytes;
}

bool operator==(const FileBytes& a, const FileBytes& b) {
  if (a.size_ != b.size_) return false;
  for (size_t i = 0; i < a.pages_.size(); ++i) {
    if (a.pages_[i] == b.pages_[i]) continue;
    const auto& left = a.pages_[i] == nullptr ? kZeroPage : *a.pages_[i];
    const auto& right = b.pages_[i] == nullptr ? kZeroPage : *b.pages_[i];
    if (left != right) return false;
  }
  return true;
}

void FileBytes::WriteInPage(size_t page, size_t offset, std::string_view data) {
  auto changed = std::make_shared<Page>(
      pages_[page] == nullptr ? kZeroPage : *pages_[page]);
  std::memcpy(changed->data() + offset, data.data(), data.size());
  pages_[page] = std::move(changed);
}

}  // namespace trimaran::disk
