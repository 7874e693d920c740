#ifndef TRIMARAN_TOOLS_TRIMARAN_RESP_PORT_H_
#define TRIMARAN_TOOLS_TRIMARAN_RESP_PORT_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/trimaran/command_line.h"
#include "tools/trimaran/resp_client.h"
#include "tools/trimaran/row_port.h"
#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// The options that say which replica is meant, for the tables of subcommands.
inline constexpr OptionSpec kRedisAtOption{
    "at", "ADDRESS", "redis://HOST:PORT of a replica (`serve --redis`)"};
inline constexpr OptionSpec kPasswordOption{
    "password-file", "FILE", "its first line is the password for --at"};

// The rows behind a connection to a replica that `trimaran serve` hosts. A
// connection that is lost, also by an answer that is none, is made anew by the
// next call. Errors: resp_client.h.
//
// Thread: owner.
class RespPort final : public RowPort {
 public:
  // Connects. `interrupted` outlives the result.
  static absl::StatusOr<std::unique_ptr<RespPort>> Open(
      const HostPort& server, const RespOptions& options,
      const std::atomic<bool>& interrupted);

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  Written Put(std::string_view key, std::string_view value) override;
  Written Delete(std::string_view key) override;
  // In parts, each as of a moment of its own.
  absl::Status Scan(const KeyRange& range, uint64_t limit,
                    const Visit& visit) override;
  absl::StatusOr<Record> Status() override;
  absl::Status PutAll(absl::Span<const KeyValue> rows) override;
  absl::Status GetAll(absl::Span<const std::string> keys) override;
  absl::Status DeleteAll(absl::Span<const std::string> keys) override;

 private:
  RespPort(HostPort server, RespOptions options,
           const std::atomic<bool>& interrupted)
      : server_(std::move(server)),
        options_(std::move(options)),
        interrupted_(interrupted) {}

  absl::Status Reconnect();
  absl::StatusOr<RespValue> Call(const RespClient::Words& words);
  // An error unless the answer is of that kind.
  absl::StatusOr<RespValue> CallFor(RespValue::Kind kind,
                                    const RespClient::Words& words);
  absl::Status CallAll(const std::vector<RespClient::Words>& all);

  const HostPort server_;
  const RespOptions options_;
  const std::atomic<bool>& interrupted_;
  std::unique_ptr<RespClient> client_;
};

// Where the options say, with the password that they say.
struct RespPlace {
  HostPort server;
  RespOptions options;
};
absl::StatusOr<RespPlace> ParseRespPlace(const Arguments& arguments,
                                         Environment& environment);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RESP_PORT_H_
