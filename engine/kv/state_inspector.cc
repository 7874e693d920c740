#include "engine/kv/state_inspector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "engine/kv/generation.h"
#include "engine/wt/config.h"
#include "engine/wt/wt_status.h"

namespace trimaran::engine {
namespace {

// WiredTiger's own codes, which are negative, mean here that it cannot make
// sense of what it reads; those of the system that it could not read.
absl::Status Judge(const absl::Status& status) {
  const std::optional<int> code = wt::CodeOf(status);
  if (!code.has_value() || *code >= 0) return status;
  return CorruptionError(ToStd(status.message()));
}

}  // namespace

absl::StatusOr<bool> RawRows::Next(StateRecord& row) {
  if (ahead_ == Ahead::kEnd) return false;
  if (std::exchange(ahead_, Ahead::kNothing) == Ahead::kNothing) {
    const absl::StatusOr<bool> on_row = cursor_.Next();
    if (!on_row.ok()) return Judge(on_row.status());
    if (!*on_row) {
      ahead_ = Ahead::kEnd;
      return false;
    }
  }
  row = {cursor_.key(), cursor_.value()};
  return true;
}

absl::Status RawRows::SkipTo(std::string_view key) {
  const absl::StatusOr<bool> on_row = cursor_.SeekAtOrAfter(key);
  if (!on_row.ok()) return Judge(on_row.status());
  ahead_ = *on_row ? Ahead::kRow : Ahead::kEnd;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StateInspector>> StateInspector::Open(
    const StateInspectorOptions& options) {
  wt::ConnectionOptions connection_options;
  connection_options.home = options.home;
  connection_options.mode = wt::HomeMode::kReadOnly;
  connection_options.cache_bytes = options.cache_bytes;
  connection_options.extensions = options.wiredtiger_extensions;
  connection_options.log = options.log;
  absl::StatusOr<std::unique_ptr<wt::Connection>> connection =
      wt::Connection::Open(connection_options);
  if (!connection.ok()) return Judge(connection.status());
  return std::unique_ptr<StateInspector>(
      new StateInspector(*std::move(connection)));
}

absl::StatusOr<StateInspector::Tables> StateInspector::ListTables() {
  TRIMARAN_ASSIGN_OR_RETURN(const std::unique_ptr<wt::Session> session,
                            wt::Session::Open(*connection_));
  const absl::StatusOr<std::vector<std::string>> names = session->ListTables();
  if (!names.ok()) return Judge(names.status());
  Tables tables;
  for (const std::string& name : *names) {
    if (const auto generation = GenerationOfTable(name)) {
      tables.generations.push_back(*generation);
    } else {
      tables.strange.push_back(name);
    }
  }
  std::sort(tables.generations.begin(), tables.generations.end());
  return tables;
}

absl::StatusOr<std::unique_ptr<RawRows>> StateInspector::OpenRows(
    uint64_t generation) {
  TRIMARAN_ASSIGN_OR_RETURN(std::unique_ptr<wt::Session> session,
                            wt::Session::Open(*connection_));
  const std::string table = GenerationTable(generation);
  absl::StatusOr<wt::Cursor> cursor = session->OpenCursor(table);
  if (absl::IsNotFound(cursor.status())) {
    return CorruptionError(absl::StrCat(
        "there is no ", wt::TableFileName(table), " in ", connection_->home()));
  }
  if (!cursor.ok()) return Judge(cursor.status());
  return std::make_unique<RawRows>(std::move(session), *std::move(cursor));
}

}  // namespace trimaran::engine
