#include "tools/trimaran/store_look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "replication/raft/conf_change.h"
#include "replication/raft/membership.h"

namespace trimaran::tool {
namespace {

bool IsDamage(const engine::Finding& finding) {
  return finding.severity == engine::Severity::kDamage;
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
  options.progress = [&](const engine::VerifyProgress& now) {
    return progress.Show({.step = absl::StrCat("verifying ", look.path()),
                          .done = now.examined});
  };
  return engine::VerifyStoredStore(look.stored, options);
}

bool OnlyOwes(const engine::Verification& verification,
              const engine::StoredParts& parts) {
  for (const engine::CheckResult& check : verification.report.checks) {
    const auto& findings = check.findings();
    const auto damages =
        std::count_if(findings.begin(), findings.end(), IsDamage);
    // That it owes is one finding about the log.
    const bool may_owe = check.name() == "log" && parts.Judge().owed;
    if (damages > (may_owe ? 1 : 0) || check.findings_not_kept() > 0) {
      return false;
    }
  }
  return true;
}

std::string FirstDamage(const engine::VerifyReport& report) {
  for (const engine::CheckResult& check : report.checks) {
    for (const engine::Finding& finding : check.findings()) {
      if (!IsDamage(finding)) continue;
      return absl::StrCat(check.name(), ": ", finding.where, ": ",
                          finding.what);
    }
  }
  return "";
}

}  // namespace trimaran::tool
