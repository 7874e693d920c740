#ifndef TRIMARAN_TESTS_ENGINE_FILE_TEMPORARY_DIRECTORY_H_
#define TRIMARAN_TESTS_ENGINE_FILE_TEMPORARY_DIRECTORY_H_

#include <string>
#include <string_view>

namespace trimaran::engine {

// A directory of the real disk that is gone, with all that is in it, when the
// test is over.
//
// Thread: owner.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  // "<path>/<name>"
  std::string Path(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_FILE_TEMPORARY_DIRECTORY_H_
