#include "engine/wt/connection.h"

#include <wiredtiger.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/check.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/wt/config.h"
#include "engine/wt/event_handler.h"

namespace trimaran::wt {
namespace {

absl::StatusOr<bool> ExistsInSystem(const std::string& path) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("looking for ", path, ": ", error.message()));
  }
  return exists;
}

absl::StatusOr<bool> Exists(const ConnectionOptions& options,
                            const std::string& path) {
  return options.file_exists == nullptr ? ExistsInSystem(path)
                                        : options.file_exists(path);
}

std::string PathIn(const ConnectionOptions& options, std::string_view name) {
  return absl::StrCat(options.home, "/", ToAbsl(name));
}

// WiredTiger takes a home without this file for a new one, whatever else is in
// it, and does so even where it may not create one.
absl::Status CheckTurtle(const ConnectionOptions& options) {
  const std::string path = PathIn(options, kTurtleFile);
  TRIMARAN_ASSIGN_OR_RETURN(const bool exists, Exists(options, path));
  if (exists) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("no WiredTiger home: there is no ", path));
}

// What WiredTiger removes, or believes, also when it is told to read only.
absl::Status CheckNoLeftovers(const ConnectionOptions& options) {
  for (const std::string_view name : {kTurtleSetFile, kBackupFile}) {
    const std::string path = PathIn(options, name);
    TRIMARAN_ASSIGN_OR_RETURN(const bool exists, Exists(options, path));
    if (!exists) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        path, " was left behind by a crash and would not survive a look"));
  }
  return absl::OkStatus();
}

// What the system said, and not what a damaged file made WiredTiger say.
bool IsOfSystem(int code) {
  return code > 0 && code != EINVAL && code != ENOENT;
}

// At opening, WiredTiger's own codes mean that it cannot make sense of what it
// reads, unless it has said that the device or the system failed it.
absl::Status OpenError(int code, const EventHandler::Cause& cause,
                       const std::string& home) {
  const bool is_own =
      code == WT_PANIC || code == WT_ERROR || code == WT_TRY_SALVAGE;
  const int decisive = is_own && IsOfSystem(cause.code) ? cause.code : code;
  const absl::Status status = ToStatus(
      decisive, Operation::kOpen,
      cause.text.empty() ? home : absl::StrCat(home, " (", cause.text, ")"));
  if (decisive == WT_PANIC || decisive == WT_ERROR) {
    return CorruptionError(ToStd(status.message()));
  }
  return status;
}

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : home_(options.home),
      log_(options.log),
      sessions_max_(options.sessions_max),
      events_(std::make_unique<EventHandler>(home_, log_, poison_)) {}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const ConnectionOptions& options) {
  TRIMARAN_CHECK_GT(options.sessions_max, 0u);
  if (options.mode != HomeMode::kCreate) {
    TRIMARAN_RETURN_IF_ERROR(CheckTurtle(options));
  }
  if (options.mode == HomeMode::kReadOnly) {
    TRIMARAN_RETURN_IF_ERROR(CheckNoLeftovers(options));
  }
  std::unique_ptr<Connection> connection(new Connection(options));
  TRIMARAN_RETURN_IF_ERROR(connection->OpenRaw(options));
  if (options.mode == HomeMode::kReadOnly) return connection;
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<Session> session,
                            Session::Open(*connection));
  connection->checkpoints_ =
      std::make_unique<CheckpointLane>(std::move(session));
  return connection;
}

absl::Status Connection::OpenRaw(const ConnectionOptions& options) {
  ConnectionConfig config;
  config.creation = options.mode == HomeMode::kCreate
                        ? ConnectionConfig::Creation::kAllowed
                        : ConnectionConfig::Creation::kForbidden;
  config.access = options.mode == HomeMode::kReadOnly
                      ? ConnectionConfig::Access::kReadOnly
                      : ConnectionConfig::Access::kReadWrite;
  config.cache_bytes = options.cache_bytes;
  config.sessions_max = options.sessions_max;
  config.extensions = options.extensions;
  const int code =
      wiredtiger_open(home_.c_str(), events_->raw(),
                      ConnectionConfigString(config).c_str(), &connection_);
  if (code != 0) {
    connection_ = nullptr;
    return OpenError(code, events_->cause(), home_);
  }
  return Health();
}

Connection::~Connection() {
  if (connection_ != nullptr) (void)Close();
}

absl::Status Connection::Close() {
  TRIMARAN_CHECK(connection_ != nullptr) << "closed already: " << home_;
  TRIMARAN_CHECK_EQ(sessions_.load(), checkpoints_ == nullptr ? 0u : 1u)
      << "still open in " << home_;
  if (checkpoints_ != nullptr) {
    // Closing takes a checkpoint as well, beside which 3.2.1 still closes
    // tables; after this one there is nothing left for it to do.
    (void)checkpoints_->Take();
    checkpoints_.reset();
  }
  RawConnection* raw = std::exchange(connection_, nullptr);
  if (abandoned_) {
    // 3.2.1 would wait for ever for the transaction that it refuses to end.
    // Its threads stay, and must find the event handler.
    log_.Error("left open until the process ends: ", home_);
    events_.release()->Disconnect();
    return Health();
  }
  // Freeing what a broken connection still uses is not worth the risk.
  const int code = raw->close(raw, poisoned() ? "leak_memory=true" : nullptr);
  if (code != 0) (void)Fail(code, Operation::kClose, home_);
  return Health();
}

CheckpointLane& Connection::checkpoints() {
  TRIMARAN_CHECK(checkpoints_ != nullptr) << home_ << " is only read";
  return *checkpoints_;
}

absl::Status Connection::Poison(const absl::Status& error) {
  if (!poisoned()) {
    log_.Error("poisoned: ", error.ToString());
  }
  return poison_.Poison(error);
}

absl::Status Connection::Fail(int code, Operation operation,
                              std::string_view subject) {
  // What WiredTiger has reported by itself came first.
  if (poisoned()) return Health();
  absl::Status status = ToStatus(code, operation, subject);
  return Poisons(code, operation) ? Poison(status) : status;
}

absl::Status Connection::ReserveSession() {
  uint32_t open = sessions_.load();
  while (open < sessions_max_) {
    if (sessions_.compare_exchange_weak(open, open + 1)) {
      return absl::OkStatus();
    }
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("all ", sessions_max_, " sessions of ", home_, " are open"));
}

void Connection::ReleaseSession() {
  TRIMARAN_CHECK_GT(sessions_.fetch_sub(1), 0u);
}

absl::StatusOr<Statistics> Connection::ReadStatistics() {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                            Session::Open(*this));
  return wt::ReadStatistics(*session);
}

}  // namespace trimaran::wt
