#include "tests/engine/file/temporary_directory.h"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

#include "engine/base/check.h"

namespace trimaran::engine {

TemporaryDirectory::TemporaryDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "trimaran_XXXXXX").string();
  TRIMARAN_CHECK(::mkdtemp(path_.data()) != nullptr) << path_;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::Path(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

}  // namespace trimaran::engine
