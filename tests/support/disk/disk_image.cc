#include "tests/support/disk/disk_image.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::disk {
namespace {

absl::Status Failed(std::string_view what, const std::string& path) {
  return absl::InternalError(absl::StrCat(ToAbsl(what), " ", path));
}

}  // namespace

std::vector<std::string> FilesMatching(const DiskImage& image,
                                       std::string_view part) {
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : image.files) {
    if (path.find(part) != std::string::npos) paths.push_back(path);
  }
  return paths;
}

absl::StatusOr<DiskImage> LoadImage(const std::string& path) {
  DiskImage image;
  std::error_code error;
  std::filesystem::recursive_directory_iterator walk(path, error);
  for (; !error && walk != std::filesystem::recursive_directory_iterator();
       walk.increment(error)) {
    const std::string name =
        walk->path().lexically_relative(path).generic_string();
    if (walk->is_directory()) {
      image.directories.insert(name);
      continue;
    }
    std::ifstream in(walk->path(), std::ios::binary);
    if (!in) return Failed("cannot read", walk->path().string());
    image.files[name] =
        FileBytes(std::string(std::istreambuf_iterator<char>(in), {}));
  }
  if (error) return Failed("cannot list", path);
  return image;
}

absl::Status SaveImage(const DiskImage& image, const std::string& path) {
  const std::filesystem::path root(path);
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error || !std::filesystem::is_empty(root, error) || error) {
    return Failed("not an empty directory:", path);
  }
  for (const std::string& directory : image.directories) {
    std::filesystem::create_directory(root / directory, error);
    if (error) return Failed("cannot make", (root / directory).string());
  }
  for (const auto& [name, bytes] : image.files) {
    std::ofstream out(root / name, std::ios::binary);
    out << bytes.ToString();
    out.close();
    if (!out) return Failed("cannot write", (root / name).string());
  }
  return absl::OkStatus();
}

}  // namespace trimaran::disk
