#ifndef TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_

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
// on that disk. It outlives the connections. One per root at a time.
//
// Thread: made and destroyed on any thread.
class WiredTigerMount {
 public:
  explicit WiredTigerMount(SimDisk& disk);
  ~WiredTigerMount();
  WiredTigerMount(const WiredTigerMount&) = delete;
  WiredTigerMount& operator=(const WiredTigerMount&) = delete;

 private:
  SimDisk& disk_;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_SIM_WIREDTIGER_H_
