#ifndef TRIMARAN_TOOLS_SERVE_LISTENING_PORT_H_
#define TRIMARAN_TOOLS_SERVE_LISTENING_PORT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "replication/tcp/socket.h"

namespace trimaran::serve {

// A socket that listens, and where: the host as it was written, and the port
// that was taken.
struct OpenPort {
  UniqueFd socket;
  std::string address;
};

// Unavailable: somebody else listens there. PermissionDenied, InvalidArgument:
// as ListenOn (socket.h). `setting` is named in the error.
//
// Thread: any; may wait for the look-up of a name.
absl::StatusOr<OpenPort> ListenAt(std::string_view setting,
                                  const std::string& listen);

// Whether that is why: another process listens there.
bool PortIsTaken(const absl::Status& status);

// Both ends of a connection, for people.
std::string PeerAddress(const UniqueFd& socket);
std::string LocalAddress(const UniqueFd& socket);
bool PeerIsLoopback(const UniqueFd& socket);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_LISTENING_PORT_H_
