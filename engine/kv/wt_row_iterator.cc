#include "engine/kv/wt_row_iterator.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "engine/base/check.h"

namespace trimaran::engine {
namespace {

// A row takes some 30 ns and reading the clock about as long; so many rows take
// microseconds, which is nothing beside the age of a view.
constexpr uint32_t kStepsPerAgeCheck = 128;

// A step of the cursor itself touches no row, so that the first one who does
// would wait for the memory. Rows of a page that was read from disk lie one
// behind the other: where a later one begins is a guess, which costs next to
// nothing where it is wrong.
constexpr uintptr_t kRowsAhead = 4;
// The end of a key of ordinary length, where the value begins.
constexpr uintptr_t kBytesBehind = 24;

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void PrefetchRowsBehind(
    const wt::CursorRow& row) {
  // As numbers: key and value need not lie in one piece of memory, and then the
  // guess is an address like any other, which no pointer may be moved to.
  const auto begin = reinterpret_cast<uintptr_t>(row.key.data());
  const auto end =
      reinterpret_cast<uintptr_t>(row.value.data()) + row.value.size();
  const uintptr_t ahead = begin + kRowsAhead * (end - begin);
  // NOLINTBEGIN(performance-no-int-to-ptr): see above
  __builtin_prefetch(reinterpret_cast<const char*>(ahead));
  __builtin_prefetch(reinterpret_cast<const char*>(ahead + kBytesBehind));
  // NOLINTEND(performance-no-int-to-ptr)
}

}  // namespace

WtRowIterator::WtRowIterator(const Place& place, wt::Cursor cursor,
                             WtReadView& view)
    : view_(view),
      prefix_size_(place.prefix.size()),
      begin_(place.prefix + place.bounds.begin),
      end_(place.bounds.end.empty() ? PrefixEnd(place.prefix)
                                    : place.prefix + place.bounds.end),
      target_(place.prefix),
      cursor_(std::move(cursor)) {}

void WtRowIterator::SeekToFirst() {
  if (BeginSeek()) SeekForward(begin_.bytes());
}

void WtRowIterator::SeekToLast() {
  if (BeginSeek()) SeekBackward(end_.bytes());
}

void WtRowIterator::Seek(std::string_view key) {
  if (!BeginSeek()) return;
  target_.resize(prefix_size_);
  target_ += key;
  SeekForward(std::max(target_, begin_.bytes()));
}

void WtRowIterator::SeekForPrev(std::string_view key) {
  if (!BeginSeek()) return;
  target_.resize(prefix_size_);
  target_ += key;
  SeekBackward(std::min(target_, end_.bytes()));
}

// ---- What each step does: a few nanoseconds, in line ----

ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool WtRowIterator::CountStep() {
  if (--steps_until_age_check_ > 0) return true;
  steps_until_age_check_ = kStepsPerAgeCheck;
  if (absl::Status age = view_.CheckAge(); !age.ok()) {
    Fail(age);
    return false;
  }
  return true;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WtRowIterator::Take(
    const wt::CursorRow& row) {
  key_ = row.key.substr(prefix_size_);
  if (!DecodeRowValue(row.value, row_)) Fail(view_.FailOn(row.key));
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WtRowIterator::TakeBeforeEnd(
    const wt::CursorRow& row) {
  valid_ = true;
  PrefetchRowsBehind(row);
  if (end_.IsAbove(row.key)) {
    Take(row);
  } else {
    Invalidate();
  }
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline void WtRowIterator::TakeFromBegin(
    const wt::CursorRow& row) {
  valid_ = true;
  if (!begin_.IsAbove(row.key)) {
    Take(row);
  } else {
    Invalidate();
  }
}

void WtRowIterator::Next() {
  TRIMARAN_CHECK(valid_);
  if (!CountStep()) return;
  wt::CursorRow row;
  const wt::Step step = cursor_.NextRow(row, status_);
  if (ABSL_PREDICT_TRUE(step == wt::Step::kRow)) {
    TakeBeforeEnd(row);
  } else {
    Invalidate();
  }
}

void WtRowIterator::Prev() {
  TRIMARAN_CHECK(valid_);
  if (!CountStep()) return;
  wt::CursorRow row;
  const wt::Step step = cursor_.PrevRow(row, status_);
  if (ABSL_PREDICT_TRUE(step == wt::Step::kRow)) {
    TakeFromBegin(row);
  } else {
    Invalidate();
  }
}

bool WtRowIterator::BeginSeek() {
  Invalidate();
  status_ = view_.CheckAge();
  steps_until_age_check_ = kStepsPerAgeCheck;
  return status_.ok();
}

void WtRowIterator::SeekForward(std::string_view target) {
  if (!Land(cursor_.SeekAtOrAfter(target))) return;
  TakeBeforeEnd({cursor_.key(), cursor_.value()});
}

void WtRowIterator::SeekBackward(std::string_view target) {
  if (!Land(cursor_.SeekAtOrBefore(target))) return;
  // The end itself is not within the bounds, but a row before it may be.
  if (!end_.IsAbove(cursor_.key()) && !Land(cursor_.Prev())) return;
  TakeFromBegin({cursor_.key(), cursor_.value()});
}

bool WtRowIterator::Land(const absl::StatusOr<bool>& on_row) {
  if (on_row.ok()) return *on_row;
  Fail(on_row.status());
  return false;
}

void WtRowIterator::Fail(const absl::Status& status) {
  Invalidate();
  status_ = status;
}

void WtRowIterator::Invalidate() {
  if (std::exchange(valid_, false)) (void)cursor_.Reset();
  key_ = {};
  row_ = {};
}

}  // namespace trimaran::engine
