#ifndef TRIMARAN_TESTS_NET_NAMESPACES_H_
#define TRIMARAN_TESTS_NET_NAMESPACES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace trimaran::net {

// Hosts 1 and so on, each a network namespace with one interface, on one
// bridge. All of it lives in a mount namespace of the calling thread and of the
// processes that it starts: nothing is left when those are gone, however they
// end.
//
// Thread: the one that starts the processes.
class Namespaces {
 public:
  // Unavailable: not permitted, or there is no program `ip`.
  absl::Status Make(uint64_t hosts);

  std::string AddressOf(uint64_t host) const;
  // What comes before a program that is to run there.
  std::vector<std::string> WrapperOf(uint64_t host) const;

  // The cable of a host.
  absl::Status Unplug(uint64_t host);
  absl::Status Plug(uint64_t host);
  // What `from` sends to `to` gets lost; the way back is as it was.
  absl::Status CutOneWay(uint64_t from, uint64_t to);
  absl::Status HealOneWay(uint64_t from, uint64_t to);
  // The host loses its address, with all connections that stand on it; and gets
  // it back.
  absl::Status TakeAddress(uint64_t host);
  absl::Status GiveAddress(uint64_t host);
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_NAMESPACES_H_
