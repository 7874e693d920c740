#ifndef TRIMARAN_TESTS_SUPPORT_SIM_READ_CHECKER_H_
#define TRIMARAN_TESTS_SUPPORT_SIM_READ_CHECKER_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "engine/base/ids.h"
#include "tests/support/sim/toy_machine.h"
#include "tests/support/sim/violations.h"

namespace trimaran::sim {

// Checks S9: reads are linearizable, in two ways. A read index must not be
// below what was committed anywhere when the read was asked for, which is more
// than linearizability asks and finds a bug without waiting for a client to
// notice. And the values must be in real-time order: a read returns nothing
// older than any write that was acknowledged, or value that was returned,
// before it was asked for.
//
// Thread: owner.
class ReadChecker {
 public:
  // What holds at the moment when a read is asked for.
  struct Floor {
    LogIndex committed;
    LogIndex written;
  };

  explicit ReadChecker(Violations& violations) : violations_(violations) {}

  // `committed` is the last index that is committed anywhere now.
  Floor OnAsk(size_t key, LogIndex committed) const {
    return {committed, written_[key]};
  }
  void OnIndex(ReplicaId replica, const Floor& floor, LogIndex index) {
    ++confirmed_;
    if (index >= floor.committed) return;
    violations_.Report(
        Rule::kLinearizableReads,
        absl::StrCat("replica ", replica.value(), " may read at ",
                     index.value(), ", but ", floor.committed.value(),
                     " was committed when it asked"));
  }
  // The read returned the value that was written at `written`.
  void OnValue(ReplicaId replica, size_t key, const Floor& floor,
               LogIndex written) {
    if (written < floor.written) {
      violations_.Report(
          Rule::kLinearizableReads,
          absl::StrCat("replica ", replica.value(), " returns the write at ",
                       written.value(), " of key ", key, ", but that at ",
                       floor.written.value(), " was seen before it asked"));
    }
    written_[key] = std::max(written_[key], written);
  }
  // A client has been told that its write of `key` at `index` is done.
  void OnWriteAcknowledged(size_t key, LogIndex index) {
    written_[key] = std::max(written_[key], index);
  }

  int confirmed() const { return confirmed_; }

 private:
  Violations& violations_;
  // By key: the latest write that anybody was told of.
  std::array<LogIndex, kKeyCount> written_;
  int confirmed_ = 0;
};

}  // namespace trimaran::sim

#endif  // TRIMARAN_TESTS_SUPPORT_SIM_READ_CHECKER_H_
