#ifndef TRIMARAN_REPLICATION_TCP_LISTENING_H_
#define TRIMARAN_REPLICATION_TCP_LISTENING_H_

#include <string>

#include "absl/status/statusor.h"
#include "replication/tcp/socket.h"
#include "replication/tcp/tcp_options.h"

namespace trimaran {

// A socket that listens, and where that is: the host as it was written, and the
// port that was taken.
struct Listening {
  UniqueFd socket;
  std::string address;
};

// Looks the name up if it is one, and waits for that. Errors: those of ListenOn
// (socket.h); InvalidArgument for an address that others can reach and that
// nothing protects.
//
// Thread: any.
absl::StatusOr<Listening> OpenListening(const TcpOptions& options);

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_LISTENING_H_
