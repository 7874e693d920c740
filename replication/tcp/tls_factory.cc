#include "replication/tcp/tls_factory.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/status_macros.h"
#include "replication/tcp/mutant.h"
#include "replication/tcp/tls_stream.h"

namespace trimaran {
namespace {

constexpr absl::Duration kLookInterval = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<TlsFactory>> TlsFactory::Create(
    const TlsCredentials& files, std::string name, const Clock& clock,
    const Logger& logger) {
  std::unique_ptr<TlsFactory> factory(
      new TlsFactory(files, std::move(name), clock, logger));
  factory->looked_ = clock.Now();
  factory->stamps_ = factory->StampFiles();
  TRIMARAN_RETURN_IF_ERROR(factory->LoadNow());
  return factory;
}

TlsFactory::FileStamp TlsFactory::StampOf(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return {};
  constexpr int64_t nanos_per_second = 1'000'000'000;
  return {.inode = found.st_ino,
          .size = found.st_size,
          .modified_nanos = int64_t{found.st_mtim.tv_sec} * nanos_per_second +
                            int64_t{found.st_mtim.tv_nsec}};
}

TlsFactory::Stamps TlsFactory::StampFiles() const {
  return {StampOf(files_.authority), StampOf(files_.certificate),
          StampOf(files_.key)};
}

absl::Status TlsFactory::LoadNow() {
  TRIMARAN_ASSIGN_OR_RETURN(context_, TlsContext::Load(files_, name_));
  expires_seconds_.store(absl::ToUnixSeconds(context_->expires()),
                         std::memory_order_relaxed);
  return absl::OkStatus();
}

void TlsFactory::Refresh() {
  const MonotonicTime now = clock_.Now();
  if (now - looked_ < kLookInterval) return;
  looked_ = now;
  // Before they are read: what changes meanwhile is seen the next time.
  const Stamps stamps = StampFiles();
  if (stamps == stamps_ || MutantActive(TcpMutant::kCertificateNotReadAgain)) {
    return;
  }
  stamps_ = stamps;
  const absl::Status status = LoadNow();
  if (status.ok()) {
    logger_.Info("the certificate has been read again; it ends at ",
                 absl::FormatTime(context_->expires(), absl::UTCTimeZone()));
  } else {
    logger_.Error("the certificate stays as it was: ", ToStd(status.message()));
  }
}

std::optional<absl::Time> TlsFactory::certificate_expires() const {
  return absl::FromUnixSeconds(
      expires_seconds_.load(std::memory_order_relaxed));
}

absl::StatusOr<std::unique_ptr<ByteStream>> TlsFactory::Make(UniqueFd socket,
                                                             Side side) {
  Refresh();
  return MakeTlsStream(context_, std::move(socket), side);
}

}  // namespace trimaran
