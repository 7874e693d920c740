#ifndef TRIMARAN_TESTS_ENGINE_WT_FAILING_DISK_H_
#define TRIMARAN_TESTS_ENGINE_WT_FAILING_DISK_H_

#include <atomic>

namespace trimaran::wt {

// Makes the system calls of this process fail where WiredTiger's own code for
// POSIX calls them: failing_disk.cc puts itself between the two. Writes and
// syncs of files whose names end in ".wt" only, so that nothing else of the
// test is hit.
//
// Thread: any.
struct FailingDisk {
  // 0: works. Otherwise the errno that each call returns.
  std::atomic<int> write_error = 0;
  std::atomic<int> sync_error = 0;
  // How many calls have failed.
  std::atomic<int> failures = 0;

  void Mend() {
    write_error = 0;
    sync_error = 0;
  }
};

FailingDisk& TheFailingDisk();

}  // namespace trimaran::wt

#endif  // TRIMARAN_TESTS_ENGINE_WT_FAILING_DISK_H_
