#include "tests/support/node_sim/media_damage.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tests/support/disk/damage.h"

namespace trimaran::node_sim {
namespace {

using disk::DiskImage;
using disk::kPageBytes;

uint64_t PagesOf(const DiskImage& image, const std::string& path) {
  return (image.files.at(path).size() + kPageBytes - 1) / kPageBytes;
}

// Empty if there is none that holds anything.
std::string DrawFile(Random& random, const DiskImage& image,
                     absl::Span<const std::string_view> parts) {
  const std::string_view part = parts[random.Uniform(parts.size())];
  std::vector<std::string> files = disk::FilesMatching(image, part);
  std::erase_if(files, [&image](const std::string& path) {
    return image.files.at(path).size() == 0;
  });
  return files.empty() ? "" : files[random.Uniform(files.size())];
}

// What is read there is not what was written. Returns what was done.
std::string Rot(Random& random, const std::string& path, DiskImage& image) {
  const uint64_t offset = random.Uniform(image.files.at(path).size());
  const uint64_t pages = PagesOf(image, path);
  switch (random.Uniform(3)) {
    case 0:
      disk::ZeroPage(image, path, offset);
      return absl::StrCat("zeros in the page at ", offset);
    case 1:
      if (pages > 1) {
        const uint64_t first = random.Uniform(pages - 1);
        const uint64_t second = first + 1 + random.Uniform(pages - first - 1);
        disk::SwapPages(image, path, {first, second});
        return absl::StrCat("pages ", first, " and ", second, " swapped");
      }
      break;
    default:
      break;
  }
  disk::FlipBit(image, path, offset, static_cast<int>(random.Uniform(8)));
  return absl::StrCat("another bit at ", offset);
}

// A write went elsewhere, or nowhere. Empty if there was none to do so.
std::string MissWrite(Random& random, const std::string& path,
                      const DiskImage* older, DiskImage& image) {
  const uint64_t page = random.Uniform(PagesOf(image, path));
  const disk::PageOf where{path, page};
  if (older != nullptr && older->files.contains(path) &&
      page * kPageBytes < older->files.at(path).size()) {
    disk::RestorePage(image, where, *older);
    return absl::StrCat("an earlier page ", page);
  }
  const std::string_view beside =
      std::string_view(path).substr(0, path.rfind('/') + 1);
  const std::string other = DrawFile(random, image, {&beside, 1});
  disk::CopyPage(image, {other, random.Uniform(PagesOf(image, other))}, where);
  return absl::StrCat("a page of ", other, " at page ", page);
}

std::string Harm(Random& random, const std::string& path,
                 const DiskImage* older, DiskImage& image) {
  switch (random.Uniform(8)) {
    case 0:
      disk::CutFile(image, path, random.Uniform(image.files.at(path).size()));
      return "an end is missing";
    case 1:
      disk::DeleteFile(image, path);
      return "it is missing";
    case 2:
      if (older == nullptr || !older->files.contains(path)) break;
      disk::RestoreFile(image, path, *older);
      return "it is as it was";
    case 3:
    case 4:
      return MissWrite(random, path, older, image);
    default:
      break;
  }
  return Rot(random, path, image);
}

}  // namespace

MediaDamage DamageAtRest(Random& random,
                         absl::Span<const std::string_view> parts,
                         const DiskImage* older, DiskImage& image) {
  const std::string path = DrawFile(random, image, parts);
  if (path.empty()) return {};
  return {path, Harm(random, path, older, image)};
}

MediaDamage DamageInUse(Random& random,
                        absl::Span<const std::string_view> parts,
                        disk::SimDisk& disk) {
  const DiskImage seen = disk.Visible();
  const std::string path = DrawFile(random, seen, parts);
  if (path.empty()) return {};
  std::string what;
  const bool done = disk.Decay(absl::StrCat(disk.root(), "/", path),
                               [&](disk::FileBytes& bytes) {
                                 DiskImage one;
                                 one.files[path] = bytes;
                                 what = Rot(random, path, one);
                                 bytes = one.files.at(path);
                               });
  return done ? MediaDamage{path, what} : MediaDamage{};
}

}  // namespace trimaran::node_sim
