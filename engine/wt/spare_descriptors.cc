#include "engine/wt/spare_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace trimaran::wt {
namespace {

// A checkpoint opens one file after the other, and at most a directory beside;
// the rest is for others, who open some of their own meanwhile.
constexpr size_t kPipes = 4;

}  // namespace

absl::Status CheckSpareDescriptors() {
  // Of no file system, which may be a test's own, and in no place that a
  // process may be kept out of.
  std::array<std::array<int, 2>, kPipes> pipes{};
  size_t count = 0;
  int error = 0;
  while (count < kPipes && error == 0) {
    if (::pipe2(pipes.at(count).data(), O_CLOEXEC) == 0) {
      ++count;
    } else {
      error = errno;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    ::close(pipes.at(i)[0]);
    ::close(pipes.at(i)[1]);
  }
  if (error == 0) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("no file descriptors are left: ",
                   std::generic_category().message(error)));
}

}  // namespace trimaran::wt
