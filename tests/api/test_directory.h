#ifndef TRIMARAN_TESTS_API_TEST_DIRECTORY_H_
#define TRIMARAN_TESTS_API_TEST_DIRECTORY_H_

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace trimaran {

// A place for databases that is removed with everything in it: in memory, where
// there is such a place, so that syncs cost nothing.
//
// Thread: one.
class TestDirectory {
 public:
  TestDirectory() {
    std::string pattern = access("/dev/shm", W_OK | X_OK) == 0
                              ? "/dev/shm/trimaran-api-XXXXXX"
                              : "/tmp/trimaran-api-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr) << pattern;
    root_ = pattern;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& root() const { return root_; }
  // Of a database, which is not there yet.
  std::string path(const std::string& name = "db") const {
    return root_ + "/" + name;
  }

 private:
  std::string root_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_TEST_DIRECTORY_H_
