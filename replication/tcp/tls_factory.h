#ifndef TRIMARAN_REPLICATION_TCP_TLS_FACTORY_H_
#define TRIMARAN_REPLICATION_TCP_TLS_FACTORY_H_

#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/logging.h"
#include "replication/tcp/stream_factory.h"
#include "replication/tcp/tcp_options.h"
#include "replication/tcp/tls_context.h"

namespace trimaran {

// Makes streams that are encrypted, with the files as they are now: whoever
// renews a certificate replaces them. While they are not good the ones before
// are used.
//
// Thread: one at a time, but for certificate_expires.
class TlsFactory final : public StreamFactory {
 public:
  // InvalidArgument: what TlsContext::Load says. `clock` outlives this.
  static absl::StatusOr<std::unique_ptr<TlsFactory>> Create(
      const TlsCredentials& files, std::string name, const Clock& clock,
      const Logger& logger);

  absl::StatusOr<std::unique_ptr<ByteStream>> Make(UniqueFd socket,
                                                   Side side) override;
  bool certifies() const override { return true; }
  void Refresh() override;
  std::optional<absl::Time> certificate_expires() const override;

 private:
  // What tells that a file is another one.
  struct FileStamp {
    uint64_t inode = 0;
    int64_t size = -1;
    int64_t modified_nanos = 0;

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
  };
  using Stamps = std::array<FileStamp, 3>;

  TlsFactory(const TlsCredentials& files, std::string name, const Clock& clock,
             const Logger& logger)
      : files_(files), name_(std::move(name)), clock_(clock), logger_(logger) {}

  static FileStamp StampOf(const std::string& path);
  Stamps StampFiles() const;
  absl::Status LoadNow();

  const TlsCredentials files_;
  const std::string name_;
  const Clock& clock_;
  const Logger logger_;
  std::shared_ptr<const TlsContext> context_;
  // Of the files when they were read last.
  Stamps stamps_;
  MonotonicTime looked_;
  std::atomic<int64_t> expires_seconds_ = 0;
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_TLS_FACTORY_H_
