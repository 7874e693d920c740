#include "engine/maintenance/verifier.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/home/home_paths.h"
#include "engine/maintenance/verify_checks.h"

namespace trimaran::engine {
namespace {

// Keeps what has been found when a check ends.
CheckResult& Begin(std::string_view name, VerifyReport& report) {
  return report.checks.emplace_back(name);
}

// NotFound where nothing is that a store has: that is no damage of one.
absl::Status CheckIsStore(const StoredStore& store) {
  TRIMARAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            store.files->List(store.directory));
  for (const std::string& name : names) {
    if (name == kIdentityFile || name == kFloorFile || name == kLogDirectory ||
        name == kStateDirectory) {
      return absl::OkStatus();
    }
  }
  return absl::NotFoundError(
      absl::StrCat("there is no store in ", store.directory));
}

absl::StatusOr<StateDigest> DigestOf(const StateFacts& facts) {
  if (!facts.applied.has_value() || !facts.summary.has_value()) {
    return absl::NotFoundError("not all of the state was read");
  }
  return StateDigest{facts.applied->applied, *facts.summary};
}

// What the checks of a stored store learn from each other.
struct StoredFacts {
  std::optional<StoreIdentity> identity;
  std::optional<FloorState> floor;
  std::unique_ptr<ReadOnlyLog> log;
  StateFacts state;

  // 0 where nobody knows. The largest that was ever named: a log, or a floor,
  // that names a smaller one is of an earlier time.
  uint64_t generation() const {
    uint64_t named = 0;
    if (log != nullptr && IsOfThisStore(log->scan().store)) {
      named = log->state().generation;
    }
    if (floor.has_value() && IsOfThisStore(floor->store)) {
      named = std::max(named, floor->generation);
    }
    return named;
  }
  bool IsOfThisStore(StoreId store) const {
    return identity.has_value() && identity->store == store;
  }
  StateSource source() const {
    StateSource source;
    if (identity.has_value()) {
      source.group = identity->group;
      source.store = identity->store;
    }
    source.generation = generation();
    return source;
  }
};

absl::Status CheckFilesAndLog(const StoredStore& store,
                              const VerifyOptions& options, StoredFacts& facts,
                              VerifyReport& report) {
  TRIMARAN_ASSIGN_OR_RETURN(
      facts.identity, CheckIdentityFile(store, Begin("identity", report)));
  TRIMARAN_ASSIGN_OR_RETURN(
      facts.floor,
      CheckFloorFile(store, facts.identity, Begin("floor", report)));
  CheckResult& log = Begin("log", report);
  TRIMARAN_ASSIGN_OR_RETURN(facts.log,
                            OpenLogToCheck(store, facts.identity, log));
  if (facts.log == nullptr) return absl::OkStatus();
  TRIMARAN_RETURN_IF_ERROR(CheckEntries(*facts.log, options.progress, log));
  if (facts.floor.has_value()) {
    CheckFloorAgainstLog(*facts.floor, *facts.log, log);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Verification> VerifyStoredStore(const StoredStore& store,
                                               const VerifyOptions& options) {
  TRIMARAN_CHECK(store.files != nullptr) << "no files to verify";
  TRIMARAN_RETURN_IF_ERROR(CheckIsStore(store));
  Verification result;
  VerifyReport& report = result.report;
  StoredFacts facts;
  TRIMARAN_RETURN_IF_ERROR(CheckFilesAndLog(store, options, facts, report));

  CheckResult& state = Begin("state", report);
  CheckResult* agreement = nullptr;
  if (facts.identity.has_value()) {
    TRIMARAN_ASSIGN_OR_RETURN(
        facts.state, CheckStateTable(store, facts.source(), options, state));
  } else {
    state.Skip("it is not known whose it is");
  }
  agreement = &Begin("agreement", report);
  CheckLogAndState(facts.log.get(), facts.state, facts.generation(),
                   *agreement);
  TRIMARAN_RETURN_IF_ERROR(CheckSnapshots(store, facts.source().group, options,
                                          Begin("snapshots", report)));
  if (const auto digest = DigestOf(facts.state); digest.ok()) {
    result.digest = *digest;
    result.generation = facts.state.generation;
  }
  return result;
}

absl::StatusOr<Verification> VerifySnapshot(FileSystem& files,
                                            std::string_view directory,
                                            const VerifyOptions& options) {
  Verification result;
  TRIMARAN_ASSIGN_OR_RETURN(result.digest,
                            CheckSnapshot(files, directory, options,
                                          Begin("snapshot", result.report)));
  return result;
}

}  // namespace trimaran::engine
