#include "tools/trimaran/store_look.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/errors.h"
#include "engine/base/status_macros.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/membership.h"

namespace trimaran::tool {
namespace {

// The first damage, where so many of the last findings about the log do not
// count.
std::string DamageBehind(const engine::Verification& verification,
                         size_t passed_over) {
  for (const engine::CheckResult& check : verification.report.checks) {
    if (check.name() == "snapshots") continue;
    std::vector<const engine::Finding*> damages;
    for (const engine::Finding& finding : check.findings()) {
      if (finding.severity == engine::Severity::kDamage) {
        damages.push_back(&finding);
      }
    }
    const size_t allowed = check.name() == "log" ? passed_over : 0;
    if (damages.size() <= allowed) continue;
    return absl::StrCat(check.name(), ": ", damages.front()->where, ": ",
                        damages.front()->what);
  }
  return verification.digest.has_value() ? "" : "not all of it can be read";
}

}  // namespace

absl::StatusOr<ConfState> ChangeConf(const ConfState& before,
                                     const LogEntry& entry) {
  TRIMARAN_ASSIGN_OR_RETURN(const raft::ConfChange change,
                            raft::DecodeConfChange(entry.payload.bytes()));
  const auto after = raft::Membership(before).After(change);
  // A change that no longer fits is applied as nothing.
  return after.ok() ? after->conf() : before;
}

absl::StatusOr<std::unique_ptr<StoreLook>> LookAtStore(
    std::string_view path, Environment& environment) {
  auto look = std::make_unique<StoreLook>();
  TRIMARAN_ASSIGN_OR_RETURN(look->place, InspectPath(environment.files, path));
  if (look->place.kind != PathKind::kStore) {
    return absl::NotFoundError(
        absl::StrCat(look->path(),
                     " is a part of a snapshot or a backup, and "
                     "no data directory of a store"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(look->state_home,
                            FindStateHome(environment.files, look->path()));
  look->stored.files = &environment.files;
  look->stored.directory = look->path();
  look->stored.state_home = look->state_home.path;
  return look;
}

absl::StatusOr<engine::Verification> VerifyAll(const StoreLook& look,
                                               ProgressBar& progress) {
  engine::VerifyOptions options;
  options.progress = [&](WorkProgress now) {
    // Each check has a time of its own.
    const std::string step =
        absl::StrCat("verifying ", look.path(), ": ", ToAbsl(now.step));
    now.step = step;
    return progress.Show(now);
  };
  return engine::VerifyStoredStore(look.stored, options);
}

absl::StatusOr<std::string> RecordAt(const engine::StoredParts& parts,
                                     const std::string& key) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const auto rows,
      parts.inspector->OpenRows(parts.log->state().generation));
  TRIMARAN_RETURN_IF_ERROR(rows->SkipTo(key));
  engine::StateRecord row;
  TRIMARAN_ASSIGN_OR_RETURN(const bool found, rows->Next(row));
  if (found && row.key == key) return std::string(row.value);
  return CorruptionError("a record beside the rows is missing");
}

std::string DataDamage(const engine::Verification& verification) {
  return DamageBehind(verification, 0);
}

std::string StateDamage(const engine::Verification& verification) {
  for (const engine::CheckResult& check : verification.report.checks) {
    if (check.name() != "identity" && check.name() != "state") continue;
    for (const engine::Finding& finding : check.findings()) {
      if (finding.severity != engine::Severity::kDamage) continue;
      return absl::StrCat(check.name(), ": ", finding.where, ": ",
                          finding.what);
    }
  }
  return verification.digest.has_value() ? "" : "not all of it can be read";
}

std::string DataDamageButOwed(const engine::Verification& verification,
                              const engine::StoredParts& parts) {
  // That it owes is one finding about the log.
  return DamageBehind(verification, parts.Judge().owed.has_value() ? 1 : 0);
}

}  // namespace trimaran::tool
