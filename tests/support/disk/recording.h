#ifndef TRIMARAN_TESTS_SUPPORT_DISK_RECORDING_H_
#define TRIMARAN_TESTS_SUPPORT_DISK_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/disk/disk_state.h"
#include "tests/support/disk/operation.h"

namespace trimaran::disk {

// Something that a test says at a moment, such as what it has been promised.
struct Marker {
  // How many operations were done before.
  size_t position = 0;
  std::string name;
  uint64_t value = 0;

  friend bool operator==(const Marker&, const Marker&) = default;
};

// The life of a disk. Sharing one between threads is safe while nobody changes
// it.
struct Recording {
  DiskState start;
  std::vector<Operation> operations;
  // In the order of their positions.
  std::vector<Marker> markers;
};

}  // namespace trimaran::disk

#endif  // TRIMARAN_TESTS_SUPPORT_DISK_RECORDING_H_
