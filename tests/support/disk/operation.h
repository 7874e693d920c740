#ifndef TRIMARAN_TESTS_SUPPORT_DISK_OPERATION_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_OPERATION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/ids.h"

namespace trimaran::disk {

// A file or a directory, whatever it is called; never used twice on a disk.
using NodeId = StrongId<struct NodeTag>;

enum class OperationKind : uint8_t {
  kWrite,
  kResize,
  kSync,
  kCreate,
  kMakeDirectory,
  kRemove,
  kRename,
  kSyncDirectory,
};

// A name that appeared (`to`), vanished (`from`) or moved (both). The node of
// the directory is none where there is no such side.
struct NameChange {
  NodeId node;
  NodeId from_directory;
  std::string from_name;
  NodeId to_directory;
  std::string to_name;
};

// One call that changes a disk, with everything that it takes to do it again.
struct Operation {
  OperationKind kind = OperationKind::kWrite;
  // What is written, sized or synced.
  NodeId node;
  // Where a write begins, or the new size.
  uint64_t offset = 0;
  std::shared_ptr<const std::string> data;
  NameChange change;
  // The caller was told that it failed. Then a write holds what was written
  // all the same, and a sync has synced nothing, for ever.
  bool failed = false;
  // What the node was called at that time, for people.
  std::string path;
};

// "write home/log/1 at 4096, 512 bytes".
std::string Describe(const Operation& operation);

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_OPERATION_H_
