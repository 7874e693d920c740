#ifndef TRIMARAN_ENGINE_KV_WT_READ_VIEW_H_
#define TRIMARAN_ENGINE_KV_WT_READ_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/kv/published_state.h"
#include "engine/kv/read_view.h"
#include "engine/kv/row_key_builder.h"
#include "engine/wt/cursor.h"
#include "engine/wt/session_pool.h"
#include "engine/wt/transaction.h"

namespace trimaran::engine {

// A snapshot transaction on a session of its own. position() and the families
// are those of the snapshot. It is held until the view is destroyed, also when
// the view is too old: rows of its iterators lie in what it pins.
class WtReadView final : public ReadView {
 public:
  struct Options {
    GroupId group;
    // From then on the view fails.
    absl::Duration age_max;
    // Must outlive the view.
    const Clock* clock = nullptr;
  };

  // `sessions` must outlive the view.
  static absl::StatusOr<std::unique_ptr<WtReadView>> Open(
      const Options& options, const PublishedState& published,
      wt::SessionPool& sessions);

  LogPosition position() const override { return basis_.applied; }
  absl::StatusOr<bool> Get(FamilyId family, std::string_view key,
                           std::string& value) override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      FamilyId family, absl::Span<const std::string_view> keys) override;
  absl::StatusOr<std::unique_ptr<RowIterator>> NewIterator(
      FamilyId family, const IterationBounds& bounds) override;

  // ---- For its iterators ----

  // Aborted if the view is too old.
  absl::Status CheckAge() const;
  // What follows from a row that cannot be decoded: the end of the store.
  absl::Status FailOn(std::string_view table_key) const;

 private:
  WtReadView(const Options& options, wt::SessionPool::Lease session);

  absl::Status Begin(const PublishedState& published);
  // From the rows that the snapshot shows.
  absl::Status LoadBasis(const PublishedState& published);
  absl::Status NeedCursor();
  absl::Status CheckRead(FamilyId family);
  absl::StatusOr<bool> Find(FamilyId family, std::string_view key,
                            std::string& value);

  const Options options_;
  const MonotonicTime deadline_;
  ViewBasis basis_;
  RowKeyBuilder keys_;
  // Destroyed in the reverse order.
  wt::SessionPool::Lease session_;
  std::optional<wt::Transaction> transaction_;
  // Not open until it is needed.
  wt::Cursor cursor_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_READ_VIEW_H_
