#ifndef TRIMARAN_TOOLS_TRIMARAN_RESP_CLIENT_H_
#define TRIMARAN_TOOLS_TRIMARAN_RESP_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "replication/tcp/address.h"
#include "tools/trimaran/resp_reader.h"
#include "tools/trimaran/tcp_connection.h"

namespace trimaran::tool {

struct RespOptions {
  // None is shown if it is empty.
  std::string password = {};
  // Of a connection, and of a command until its whole answer is there. Longer
  // than a replica takes to say that it does not know.
  absl::Duration timeout = absl::Seconds(20);
  // Of one answer; more than `trimaran serve` gives at once.
  size_t answer_bytes_max = size_t{128} << 20;
};

// "redis://HOST:PORT", or without the beginning.
absl::StatusOr<HostPort> ParseRedisAddress(std::string_view text);

// Asks a server of Redis' protocol. Errors are those of TcpConnection and of
// RespReader, after which the connection is broken, and what was asked may be
// done or not; or what the server says by the first word of an error:
//   PermissionDenied   NOAUTH, WRONGPASS
//   InvalidArgument    ERR: it will not work either when it is tried again
//   Unknown            UNKNOWN: a write that may be done, now or later
//   Internal           any other
// `trimaran serve` says with it what became of the command.
//
// Thread: owner.
class RespClient {
 public:
  using Words = std::vector<std::string_view>;

  // `interrupted` outlives the result.
  static absl::StatusOr<std::unique_ptr<RespClient>> Connect(
      const HostPort& server, const RespOptions& options,
      const std::atomic<bool>& interrupted);

  absl::StatusOr<RespValue> Call(const Words& words);
  // All of them are asked before the first answer is awaited. The first error
  // of the server, if it has any; the other commands are carried out all the
  // same. The answers together have no more than one may have.
  absl::StatusOr<std::vector<RespValue>> CallAll(absl::Span<const Words> all);

  bool broken() const { return broken_; }

 private:
  RespClient(std::unique_ptr<TcpConnection> connection,
             const RespOptions& options)
      : options_(options),
        connection_(std::move(connection)),
        reader_(options.answer_bytes_max) {}

  absl::StatusOr<std::vector<RespValue>> Exchange(absl::Span<const Words> all);

  const RespOptions options_;
  const std::unique_ptr<TcpConnection> connection_;
  RespReader reader_;
  bool broken_ = false;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RESP_CLIENT_H_
