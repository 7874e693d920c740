#ifndef TRIMARAN_NETWORK_H_
#define TRIMARAN_NETWORK_H_

#include <cstdint>
#include <memory>

#include "trimaran/export.h"

namespace trimaran {

// Connects the replicas of one group that live in one process: for tests, for
// demonstrations, and for applications that keep several copies on several
// disks. Give the same object to every replica (Options::network).
//
// Thread: any.
class InProcessNetwork {
 public:
  TRIMARAN_EXPORT InProcessNetwork();
  // After the last database that was opened with it, which its shared_ptr sees
  // to.
  TRIMARAN_EXPORT ~InProcessNetwork();
  InProcessNetwork(const InProcessNetwork&) = delete;
  InProcessNetwork& operator=(const InProcessNetwork&) = delete;

  // ---- For tests and demonstrations ----

  // Pulls the replica's cable: from now on, nothing that it sends arrives, and
  // nothing arrives at it.
  TRIMARAN_EXPORT void Isolate(uint64_t replica_id);
  // Plugs it in again.
  TRIMARAN_EXPORT void Rejoin(uint64_t replica_id);

  // The library's own side of it.
  class Switchboard;
  Switchboard& switchboard() { return *switchboard_; }

 private:
  const std::unique_ptr<Switchboard> switchboard_;
};

}  // namespace trimaran

#endif  // TRIMARAN_NETWORK_H_
