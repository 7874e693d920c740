#ifndef TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_

#include <atomic>
#include <memory>
#include <string_view>

#include "tests/support/disk/sim_disk.h"

namespace trimaran::disk {

// The extension that a program names in the configuration of wiredtiger_open,
// as "extensions=[...]", to have its home on a simulated disk. WiredTiger looks
// for the entry in the executable, which therefore exports its symbols (the
// library's CMake target sees to that).
//
// WiredTiger itself turns a failed sync into a panic only in its own POSIX
// layer; on this disk, as on any other file system of an application's, the
// error is returned and the connection goes on. The sync fails for ever.
std::string_view WiredTigerExtension();

// While it lives, WiredTiger homes whose path begins with the disk's root are
// on that disk, which outlives the connections. One per root at a time.
//
// Thread: made and destroyed on any thread.
class WiredTigerMount {
 public:
  explicit WiredTigerMount(SimDisk& disk);
  ~WiredTigerMount();
  WiredTigerMount(const WiredTigerMount&) = delete;
  WiredTigerMount& operator=(const WiredTigerMount&) = delete;

  SimDisk& disk() const { return disk_; }
  // How many homes are open here. Those of connections that came to grief may
  // stay so until the process ends (wt::Connection::Close).
  const std::shared_ptr<std::atomic<int>>& homes() const { return homes_; }

 private:
  SimDisk& disk_;
  const std::shared_ptr<std::atomic<int>> homes_ =
      std::make_shared<std::atomic<int>>(0);
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_
