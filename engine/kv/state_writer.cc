#include "engine/kv/state_writer.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "engine/base/check.h"
#include "engine/base/mutant.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/kv/read_view.h"
#include "engine/kv/state_rows.h"
#include "engine/kv/wt_row_transaction.h"
#include "engine/wt/transaction.h"
#include "engine/wt/wt_status.h"

namespace trimaran::engine {
namespace {

// There is one writer, so that no two transactions are in each other's way; it
// is a full cache that has one turned down. What a transaction has changed
// cannot leave the cache before its end, so that one that is larger would be
// turned down for ever: attempts after the first pay no regard to the size of
// the cache. It is exceeded by one transaction at most, since the next one
// obeys again.
constexpr int kAttemptsMax = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<StateWriter>> StateWriter::Open(
    GroupId group, ReplicatedState state, SharedGeneration generation,
    wt::Connection& connection, PublishedState& published) {
  std::unique_ptr<StateWriter> writer(
      new StateWriter(group, connection, published));
  TRIMARAN_ASSIGN_OR_RETURN(writer->session_, wt::Session::Open(connection));
  TRIMARAN_RETURN_IF_ERROR(writer->OpenCursors(*generation));
  writer->state_ = std::move(state);
  writer->generation_ = std::move(generation);
  return writer;
}

absl::Status StateWriter::OpenCursors(const Generation& generation) {
  rows_.Close();
  range_.Close();
  TRIMARAN_ASSIGN_OR_RETURN(rows_, session_->OpenCursor(generation.table));
  TRIMARAN_ASSIGN_OR_RETURN(range_, session_->OpenCursor(generation.table));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EntryResult>> StateWriter::Apply(
    absl::Span<const CommittedEntry> entries) {
  TRIMARAN_RETURN_IF_ERROR(connection_.Health());
  TRIMARAN_RETURN_IF_ERROR(CheckEntries(state_.applied, entries));
  std::vector<EntryResult> results;
  if (entries.empty()) return results;
  const auto body = [&](WtRowTransaction& rows) -> absl::Status {
    results.clear();
    TRIMARAN_RETURN_IF_ERROR(applier_.Apply(entries, rows, results));
    if (MutantActive(Mutant::kAppliedIndexApart)) return absl::OkStatus();
    return WriteChanges(group_, state_, rows);
  };
  TRIMARAN_RETURN_IF_ERROR(Transact(body));
  if (MutantActive(Mutant::kAppliedIndexApart)) {
    TRIMARAN_RETURN_IF_ERROR(Transact([&](WtRowTransaction& rows) {
      return WriteChanges(group_, state_, rows);
    }));
  }
  published_.Publish(state_);
  ForgetChanges(state_);
  return results;
}

absl::StatusOr<bool> StateWriter::CollectGarbage(size_t rows_max) {
  TRIMARAN_RETURN_IF_ERROR(connection_.Health());
  if (state_.garbage.empty()) return false;
  std::string rest;
  const auto body = [&](WtRowTransaction& rows) -> absl::Status {
    // Nothing is put into it any more, and its id is never given again.
    const FamilyId family = state_.garbage.front().id;
    const std::string prefix = FamilyPrefix(group_, family);
    const bool goes_on = absl::StartsWith(garbage_rest_, prefix);
    TRIMARAN_ASSIGN_OR_RETURN(
        rest,
        rows.RemoveSome({goes_on ? garbage_rest_ : prefix, PrefixEnd(prefix)},
                        rows_max));
    if (!rest.empty()) return absl::OkStatus();
    return rows.Remove(KeyOf(GarbageKey{group_, family})).status();
  };
  TRIMARAN_RETURN_IF_ERROR(Transact(body));
  published_.Publish(state_);
  garbage_rest_ = std::move(rest);
  if (garbage_rest_.empty()) state_.garbage.erase(state_.garbage.begin());
  return !state_.garbage.empty();
}

absl::Status StateWriter::Switch(ReplicatedState state,
                                 SharedGeneration generation) {
  TRIMARAN_RETURN_IF_ERROR(OpenCursors(*generation));
  garbage_rest_.clear();
  state_ = std::move(state);
  generation_ = std::move(generation);
  published_.Switch(state_, generation_);
  return absl::OkStatus();
}

absl::Status StateWriter::Transact(Body body) {
  absl::Status status = TryTransact(body);
  if (status.ok()) return status;
  if (!wt::IsRollback(status)) return connection_.Poison(status);
  TRIMARAN_RETURN_IF_ERROR(session_->IgnoreCacheSize(true));
  for (int attempt = 1; attempt < kAttemptsMax && wt::IsRollback(status);
       ++attempt) {
    connection_.log().Warning("trying a transaction again: ",
                              status.ToString());
    // What the body has made of the state in memory is in no table.
    absl::StatusOr<ReplicatedState> stored = LoadState(group_, rows_);
    if (!stored.ok()) return connection_.Poison(stored.status());
    state_ = *std::move(stored);
    status = TryTransact(body);
  }
  if (!status.ok()) return connection_.Poison(status);
  return session_->IgnoreCacheSize(false);
}

absl::Status StateWriter::TryTransact(Body body) {
  TRIMARAN_ASSIGN_OR_RETURN(wt::Transaction transaction,
                            wt::Transaction::Begin(*session_));
  WtRowTransaction rows(rows_, range_);
  TRIMARAN_RETURN_IF_ERROR(body(rows));
  published_.CommitBegins();
  return transaction.Commit();
}

}  // namespace trimaran::engine
