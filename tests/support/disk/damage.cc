#include "tests/support/disk/damage.h"

#include <algorithm>

#include "engine/base/check.h"

namespace trimaran::disk {
namespace {

FileBytes& FileOf(DiskImage& image, std::string_view path) {
  const auto found = image.files.find(path);
  TRIMARAN_CHECK(found != image.files.end()) << path;
  return found->second;
}

}  // namespace

void FlipBit(DiskImage& image, std::string_view path, uint64_t offset,
             int bit) {
  FileBytes& file = FileOf(image, path);
  TRIMARAN_CHECK_LT(offset, file.size());
  std::string byte = file.Slice(offset, 1);
  byte[0] = static_cast<char>(byte[0] ^ (1 << bit));
  file.Write(offset, byte);
}

void ZeroPage(DiskImage& image, std::string_view path, uint64_t offset) {
  FileBytes& file = FileOf(image, path);
  TRIMARAN_CHECK_LT(offset, file.size());
  const uint64_t begin = offset / kPageBytes * kPageBytes;
  const uint64_t end = std::min(begin + kPageBytes, file.size());
  file.Write(begin, std::string(static_cast<size_t>(end - begin), '\0'));
}

void CutFile(DiskImage& image, std::string_view path, uint64_t size) {
  FileBytes& file = FileOf(image, path);
  TRIMARAN_CHECK_LT(size, file.size());
  file.Resize(size);
}

void DeleteFile(DiskImage& image, std::string_view path) {
  const auto found = image.files.find(path);
  TRIMARAN_CHECK(found != image.files.end()) << path;
  image.files.erase(found);
}

void SwapPages(DiskImage& image, std::string_view path, PagePair pages) {
  FileBytes& file = FileOf(image, path);
  const uint64_t first = pages.first_page * kPageBytes;
  const uint64_t second = pages.second_page * kPageBytes;
  TRIMARAN_CHECK_NE(first, second);
  TRIMARAN_CHECK_LT(std::max(first, second), file.size());
  const std::string one = file.Slice(first, kPageBytes);
  const std::string other = file.Slice(second, kPageBytes);
  const size_t count = std::min(one.size(), other.size());
  file.Write(first, std::string_view(other).substr(0, count));
  file.Write(second, std::string_view(one).substr(0, count));
}

void CopyPage(DiskImage& image, const PageOf& from, const PageOf& to) {
  const std::string bytes =
      FileOf(image, from.path).Slice(from.page * kPageBytes, kPageBytes);
  FileBytes& file = FileOf(image, to.path);
  TRIMARAN_CHECK_LT(to.page * kPageBytes, file.size());
  const uint64_t room = file.size() - to.page * kPageBytes;
  file.Write(to.page * kPageBytes,
             std::string_view(bytes).substr(0, static_cast<size_t>(room)));
}

void RestorePage(DiskImage& image, const PageOf& where,
                 const DiskImage& older) {
  const auto found = older.files.find(where.path);
  TRIMARAN_CHECK(found != older.files.end()) << where.path;
  const std::string bytes =
      found->second.Slice(where.page * kPageBytes, kPageBytes);
  FileBytes& file = FileOf(image, where.path);
  TRIMARAN_CHECK_LT(where.page * kPageBytes, file.size());
  const uint64_t room = file.size() - where.page * kPageBytes;
  file.Write(where.page * kPageBytes,
             std::string_view(bytes).substr(0, static_cast<size_t>(room)));
}

void RestoreFile(DiskImage& image, std::string_view path,
                 const DiskImage& older) {
  const auto found = older.files.find(path);
  if (found != older.files.end()) {
    image.files.insert_or_assign(std::string(path), found->second);
  } else if (const auto now = image.files.find(path);
             now != image.files.end()) {
    image.files.erase(now);
  }
}

}  // namespace trimaran::disk
