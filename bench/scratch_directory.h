#ifndef TRIMARAN_BENCH_SCRATCH_DIRECTORY_H_
#define TRIMARAN_BENCH_SCRATCH_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "engine/base/check.h"

namespace trimaran::bench {

// Below the current directory, which is on the disk that is meant.
class ScratchDirectory {
 public:
  ScratchDirectory() : path_("bench_XXXXXX") {
    TRIMARAN_CHECK(::mkdtemp(path_.data()) != nullptr) << path_;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace trimaran::bench

#endif  // TRIMARAN_BENCH_SCRATCH_DIRECTORY_H_
