#include "tests/engine/wt/failing_disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace trimaran::wt {
namespace {

bool IsTableFile(int fd) {
  char target[4096];
  const ssize_t size = readlink(absl::StrCat("/proc/self/fd/", fd).c_str(),
                                target, sizeof(target));
  return size > 0 &&
         std::string_view(target, static_cast<size_t>(size)).ends_with(".wt");
}

// True, and errno set, if this call has to fail.
bool Fails(const std::atomic<int>& error, int fd) {
  const int code = error.load();
  if (code == 0 || !IsTableFile(fd)) return false;
  ++TheFailingDisk().failures;
  errno = code;
  return true;
}

template <typename Function>
Function* Real(const char* name) {
  void* const symbol = dlsym(RTLD_NEXT, name);
  TRIMARAN_CHECK(symbol != nullptr) << name;
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

FailingDisk& TheFailingDisk() {
  static FailingDisk disk;
  return disk;
}

}  // namespace trimaran::wt

// The program's own functions come before those of the C library for every
// library that it loads.
extern "C" {

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void* data,
                                                      size_t size,
                                                      off_t offset) {
  using trimaran::wt::TheFailingDisk;
  if (trimaran::wt::Fails(TheFailingDisk().write_error, fd)) return -1;
  static auto* const real = trimaran::wt::Real<decltype(pwrite)>("pwrite");
  return real(fd, data, size, offset);
}

__attribute__((visibility("default"))) int fdatasync(int fd) {
  using trimaran::wt::TheFailingDisk;
  if (trimaran::wt::Fails(TheFailingDisk().sync_error, fd)) return -1;
  static auto* const real =
      trimaran::wt::Real<decltype(fdatasync)>("fdatasync");
  return real(fd);
}

}  // extern "C"
