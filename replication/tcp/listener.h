#ifndef TRIMARAN_REPLICATION_TCP_LISTENER_H_
#define TRIMARAN_REPLICATION_TCP_LISTENER_H_

#include "absl/functional/any_invocable.h"
#include "replication/tcp/io_loop.h"
#include "replication/tcp/services.h"
#include "replication/tcp/socket.h"

namespace trimaran {

// Accepts connections, whatever happens to single ones. Where the process has
// no descriptor left it pauses, and those who come wait.
//
// Thread: the loop's.
class Listener {
 public:
  using Callback = absl::AnyInvocable<void(UniqueFd)>;

  // `services` outlives this.
  Listener(const Services& services, UniqueFd socket, Callback callback);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void Start();

 private:
  void AcceptAll();

  const Services& services_;
  const UniqueFd socket_;
  Callback callback_;
  IoLoop::Timer pause_;
  IoLoop::Watch watch_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_LISTENER_H_
