#include "engine/kv/wt_row_iterator.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace trimaran::engine {
namespace {

// A row takes some 30 ns and reading the clock about as long; so many rows take
// microseconds, which is nothing beside the age of a view.
constexpr uint32_t kStepsPerAgeCheck = 128;

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
  if (BeginSeek()) SeekForward(begin_);
}

void WtRowIterator::SeekToLast() {
  if (BeginSeek()) SeekBackward(end_);
}

void WtRowIterator::Seek(std::string_view key) {
  if (!BeginSeek()) return;
  target_.resize(prefix_size_);
  target_ += key;
  SeekForward(std::max(target_, begin_));
}

void WtRowIterator::SeekForPrev(std::string_view key) {
  if (!BeginSeek()) return;
  target_.resize(prefix_size_);
  target_ += key;
  SeekBackward(std::min(target_, end_));
}

void WtRowIterator::Next() {
  TRIMARAN_CHECK(valid_);
  if (CountStep()) LandForward(cursor_.Next());
}

void WtRowIterator::Prev() {
  TRIMARAN_CHECK(valid_);
  if (CountStep()) LandBackward(cursor_.Prev());
}

bool WtRowIterator::BeginSeek() {
  Invalidate();
  status_ = view_.CheckAge();
  steps_until_age_check_ = kStepsPerAgeCheck;
  return status_.ok();
}

bool WtRowIterator::CountStep() {
  if (--steps_until_age_check_ > 0) return true;
  steps_until_age_check_ = kStepsPerAgeCheck;
  if (absl::Status age = view_.CheckAge(); !age.ok()) {
    Fail(age);
    return false;
  }
  return true;
}

void WtRowIterator::SeekForward(std::string_view target) {
  LandForward(cursor_.SeekAtOrAfter(target));
}

void WtRowIterator::SeekBackward(std::string_view target) {
  absl::StatusOr<bool> on_row = cursor_.SeekAtOrBefore(target);
  // The end itself is not within the bounds, but a row before it may be.
  if (on_row.ok() && *on_row && cursor_.key() >= end_) on_row = cursor_.Prev();
  LandBackward(on_row);
}

void WtRowIterator::LandForward(const absl::StatusOr<bool>& on_row) {
  if (!Arrive(on_row)) return;
  const std::string_view key = cursor_.key();
  if (key < end_) {
    TakeRow(key);
  } else {
    Invalidate();
  }
}

void WtRowIterator::LandBackward(const absl::StatusOr<bool>& on_row) {
  if (!Arrive(on_row)) return;
  const std::string_view key = cursor_.key();
  if (key >= begin_) {
    TakeRow(key);
  } else {
    Invalidate();
  }
}

bool WtRowIterator::Arrive(const absl::StatusOr<bool>& on_row) {
  if (!on_row.ok()) {
    Fail(on_row.status());
    return false;
  }
  valid_ = *on_row;
  return valid_;
}

void WtRowIterator::TakeRow(std::string_view key) {
  key_ = key.substr(prefix_size_);
  if (!DecodeRowValue(cursor_.value(), row_)) Fail(view_.FailOn(key));
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
