#ifndef TRIMARAN_TESTS_SUPPORT_DISK_DISK_IMAGE_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_DISK_IMAGE_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/disk/file_bytes.h"

namespace trimaran::disk {

// What a disk holds when nothing is in memory any more: after a crash, or
// before a start. Cheap to copy. Paths are relative to the disk's root, as
// "home/log/1".
//
// Thread: a value; any.
struct DiskImage {
  std::map<std::string, FileBytes, std::less<>> files;
  // All of them, parents before children; not the root itself.
  std::set<std::string, std::less<>> directories;

  friend bool operator==(const DiskImage&, const DiskImage&) = default;
};

// Paths of files that contain `part`, sorted.
std::vector<std::string> FilesMatching(const DiskImage& image,
                                       std::string_view part);

// Copies to and from the real directory `path`, so that other programs can
// look at an image. Saving needs a directory that is empty or not there.
absl::StatusOr<DiskImage> LoadImage(const std::string& path);
absl::Status SaveImage(const DiskImage& image, const std::string& path);

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_DISK_IMAGE_H_
