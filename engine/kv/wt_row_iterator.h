#ifndef TRIMARAN_ENGINE_KV_WT_ROW_ITERATOR_H_
#define TRIMARAN_ENGINE_KV_WT_ROW_ITERATOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/format/row_value.h"
#include "engine/kv/key_bound.h"
#include "engine/kv/read_view.h"
#include "engine/kv/wt_read_view.h"
#include "engine/wt/cursor.h"

namespace trimaran::engine {

// A cursor within the rows of one family. A step costs little more than the
// cursor's own: nothing is copied, and the bounds are compared as bytes.
//
// Invariants:
//  1. Valid: the cursor is on a row in [begin_, end_), and key_ and row_ point
//     into it. Else it is on no row.
//  2. Begin and end share the family's prefix, or the end is what follows it.
class WtRowIterator final : public RowIterator {
 public:
  struct Place {
    // What the keys of the family begin with.
    std::string prefix;
    IterationBounds bounds;
  };

  // `view` must outlive this.
  WtRowIterator(const Place& place, wt::Cursor cursor, WtReadView& view);

  void SeekToFirst() override;
  void SeekToLast() override;
  void Seek(std::string_view key) override;
  void SeekForPrev(std::string_view key) override;
  void Next() override;
  void Prev() override;

  bool valid() const override { return valid_; }
  absl::Status status() const override { return status_; }
  std::string_view key() const override { return key_; }
  std::string_view value() const override { return row_.value; }
  LogIndex version() const override { return row_.version; }

 private:
  // False if the view is too old: the iterator has failed.
  bool BeginSeek();
  // The same, now and then.
  bool CountStep();
  void SeekForward(std::string_view target);
  // `target` is the end, or a key of the family.
  void SeekBackward(std::string_view target);
  // Whether a seek has put the cursor on a row.
  bool Land(const absl::StatusOr<bool>& on_row);
  // Takes the row that the cursor is on, if it is within the bound ahead.
  void TakeBeforeEnd(const wt::CursorRow& row);
  void TakeFromBegin(const wt::CursorRow& row);
  void Take(const wt::CursorRow& row);
  void Fail(const absl::Status& status);
  void Invalidate();

  WtReadView& view_;
  const size_t prefix_size_;
  const KeyBound begin_;
  const KeyBound end_;
  // Of a seek.
  std::string target_;
  wt::Cursor cursor_;
  bool valid_ = false;
  uint32_t steps_until_age_check_ = 0;
  std::string_view key_;
  RowValue row_;
  absl::Status status_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_KV_WT_ROW_ITERATOR_H_
