#ifndef TRIMARAN_TOOLS_SERVE_MEMBER_ADDRESS_H_
#define TRIMARAN_TOOLS_SERVE_MEMBER_ADDRESS_H_

#include <cstdint>
#include <string>

#include "trimaran/status.h"

namespace trimaran::serve {

struct HostAndPort {
  std::string host;
  std::string port = "0";
};

// Where members reach that one, which is not where clients do. Empty, and port
// 0, if it is not known.
//
// Thread: any.
HostAndPort AddressOf(const ReplicaStatus& status, uint64_t member);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_MEMBER_ADDRESS_H_
