#ifndef TRIMARAN_TESTS_SUPPORT_DISK_DAMAGE_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_DAMAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/disk/disk_image.h"

// What goes wrong with a disk while nobody writes to it, or by a write that
// went elsewhere. `path` is a file of the image.

namespace trimaran::disk {

void FlipBit(DiskImage& image, std::string_view path, uint64_t offset, int bit);
// The page that holds `offset`, as far as the file goes.
void ZeroPage(DiskImage& image, std::string_view path, uint64_t offset);
// Keeps the first `size` bytes, which are fewer than there are.
void CutFile(DiskImage& image, std::string_view path, uint64_t size);
void DeleteFile(DiskImage& image, std::string_view path);
// Each page's content is where the other's should be, as far as the file goes.
// Both begin in the file, and are different ones.
struct PagePair {
  uint64_t first_page = 0;
  uint64_t second_page = 0;
};
void SwapPages(DiskImage& image, std::string_view path, PagePair pages);
// A write that went elsewhere: what is there is a page of another place, which
// may be one of another file.
struct PageOf {
  std::string path;
  uint64_t page = 0;
};
void CopyPage(DiskImage& image, const PageOf& from, const PageOf& to);
// A write that never was: the page is what it was in `older`, as far as the
// file goes. Both have the file, and the page begins in both.
void RestorePage(DiskImage& image, const PageOf& where, const DiskImage& older);
// The file is what it was in `older`, which may mean that it is not there.
void RestoreFile(DiskImage& image, std::string_view path,
                 const DiskImage& older);

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_DAMAGE_H_
