#include "tests/support/engine_model/model_read_view.h"

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/format/limits.h"

namespace trimaran::engine {
namespace {

absl::StatusOr<const ModelRows*> FindRows(const ModelState& state,
                                          FamilyId family) {
  const auto rows = state.rows.find(family);
  if (rows == state.rows.end()) {
    return absl::NotFoundError(absl::StrCat("no family ", family.value()));
  }
  return &rows->second;
}

// A copy of the rows within the bounds, and a place among them.
class ModelRowIterator final : public RowIterator {
 public:
  ModelRowIterator(const ModelRows& rows, const IterationBounds& bounds) {
    for (const auto& row : rows) {
      if (row.first < bounds.begin) continue;
      if (!bounds.end.empty() && row.first >= bounds.end) continue;
      rows_.push_back(row);
    }
  }

  void SeekToFirst() override { at_ = 0; }
  void SeekToLast() override { at_ = rows_.size() - 1; }
  void Seek(std::string_view key) override {
    at_ = 0;
    while (valid() && this->key() < key) ++at_;
  }
  void SeekForPrev(std::string_view key) override {
    at_ = rows_.size() - 1;
    while (valid() && this->key() > key) --at_;
  }
  void Next() override {
    TRIMARAN_CHECK(valid());
    ++at_;
  }
  void Prev() override {
    TRIMARAN_CHECK(valid());
    --at_;
  }

  bool valid() const override { return at_ < rows_.size(); }
  absl::Status status() const override { return absl::OkStatus(); }
  std::string_view key() const override { return rows_[at_].first; }
  std::string_view value() const override { return rows_[at_].second.value; }
  LogIndex version() const override { return rows_[at_].second.version; }

 private:
  std::vector<std::pair<std::string, ModelRow>> rows_;
  // Before the first row it wraps round to a place far behind the last one.
  size_t at_ = static_cast<size_t>(-1);
};

}  // namespace

absl::StatusOr<bool> GetRow(const ModelState& state, FamilyId family,
                            std::string_view key, std::string& value) {
  if (key.empty() || key.size() > kKeyBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key of ", key.size(), " bytes"));
  }
  TRIMARAN_ASSIGN_OR_RETURN(const ModelRows* rows, FindRows(state, family));
  const auto row = rows->find(key);
  if (row == rows->end()) return false;
  value = row->second.value;
  return true;
}

absl::StatusOr<bool> ModelReadView::Get(FamilyId family, std::string_view key,
                                        std::string& value) {
  return GetRow(*state_, family, key, value);
}

absl::StatusOr<std::vector<std::optional<std::string>>> ModelReadView::MultiGet(
    FamilyId family, absl::Span<const std::string_view> keys) {
  TRIMARAN_RETURN_IF_ERROR(FindRows(*state_, family).status());
  std::vector<std::optional<std::string>> answers;
  for (const std::string_view key : keys) {
    std::string value;
    TRIMARAN_ASSIGN_OR_RETURN(const bool found, Get(family, key, value));
    answers.push_back(found ? std::optional(std::move(value)) : std::nullopt);
  }
  return answers;
}

absl::StatusOr<std::unique_ptr<RowIterator>> ModelReadView::NewIterator(
    FamilyId family, const IterationBounds& bounds) {
  TRIMARAN_ASSIGN_OR_RETURN(const ModelRows* rows, FindRows(*state_, family));
  return std::make_unique<ModelRowIterator>(*rows, bounds);
}

}  // namespace trimaran::engine
