#ifndef TRIMARAN_REPLICATION_TCP_DIAL_H_
#define TRIMARAN_REPLICATION_TCP_DIAL_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "replication/tcp/address.h"
#include "replication/tcp/io_loop.h"
#include "replication/tcp/socket.h"

namespace trimaran {

// One attempt to connect: looks the name up, and tries what it stands for, one
// address after the other.
//
// Thread: the loop's.
class Dial {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<UniqueFd>)>;

  struct Options {
    // For the look-up, and for each address.
    absl::Duration timeout;
    // Where the connection is not protected.
    bool loopback_only = false;
  };

  // `callback` may destroy this.
  Dial(IoLoop& loop, const Options& options, Callback callback);
  // Gives up; the callback is not called.
  ~Dial();
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  // Calls the callback once, and not before it returns.
  void Start(const std::string& address);

 private:
  void LookUp(const HostPort& address);
  void TryNext();
  void OnConnected();
  void Finish(absl::StatusOr<UniqueFd> result);

  IoLoop& loop_;
  const Options options_;
  Callback callback_;
  IoLoop::Timer timer_;
  // Goes with this, for what cannot be taken back.
  std::shared_ptr<Dial*> life_;

  std::vector<Endpoint> endpoints_;
  size_t next_ = 0;
  UniqueFd socket_;
  std::optional<IoLoop::Watch> watch_;
  // Of the last address that was tried.
  absl::Status error_;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_DIAL_H_
