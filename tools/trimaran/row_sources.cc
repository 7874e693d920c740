#include "tools/trimaran/row_sources.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/base/status_macros.h"

namespace trimaran::tool {
namespace {

using engine::StateRecord;

class TableSource final : public RowSource {
 public:
  TableSource(engine::StateInspector& inspector, uint64_t generation)
      : inspector_(inspector), generation_(generation) {}

  absl::StatusOr<bool> Next(StateRecord& row) override {
    return rows_->Next(row);
  }

  absl::Status SeekTo(std::string_view key) override {
    if (rows_ == nullptr || key.empty()) {
      TRIMARAN_ASSIGN_OR_RETURN(rows_, inspector_.OpenRows(generation_));
    }
    return key.empty() ? absl::OkStatus() : rows_->SkipTo(key);
  }

 private:
  engine::StateInspector& inspector_;
  const uint64_t generation_;
  std::unique_ptr<engine::RawRows> rows_;
};

// A key before `key`, which is not empty, and after all keys but few that are
// before it.
std::string KeyBefore(std::string_view key) {
  std::string before(key);
  const auto last = static_cast<unsigned char>(before.back());
  before.pop_back();
  if (last == 0) return before;
  before += static_cast<char>(last - 1);
  return before + std::string(4, '\xff');
}

class SnapshotSource final : public RowSource {
 public:
  explicit SnapshotSource(const engine::SnapshotReader& reader)
      : reader_(reader) {}

  absl::StatusOr<bool> Next(StateRecord& row) override {
    if (has_ahead_) {
      has_ahead_ = false;
      row = ahead_;
      return true;
    }
    return state_->Next(row);
  }

  absl::Status SeekTo(std::string_view key) override {
    state_.emplace(reader_);
    has_ahead_ = false;
    if (key.empty()) return absl::OkStatus();
    TRIMARAN_RETURN_IF_ERROR(state_->SkipTo(KeyBefore(key)));
    do {
      TRIMARAN_ASSIGN_OR_RETURN(has_ahead_, state_->Next(ahead_));
    } while (has_ahead_ && ahead_.key < key);
    return absl::OkStatus();
  }

 private:
  const engine::SnapshotReader& reader_;
  std::optional<engine::SnapshotExport> state_;
  // Found by SeekTo; valid until `state_` moves.
  StateRecord ahead_;
  bool has_ahead_ = false;
};

class ChunkSource final : public RowSource {
 public:
  explicit ChunkSource(std::vector<StateRecord> rows)
      : rows_(std::move(rows)) {}

  absl::StatusOr<bool> Next(StateRecord& row) override {
    if (next_ == rows_.size()) return false;
    row = rows_[next_++];
    return true;
  }

  absl::Status SeekTo(std::string_view key) override {
    const auto found = std::partition_point(
        rows_.begin(), rows_.end(),
        [key](const StateRecord& row) { return row.key < key; });
    next_ = static_cast<size_t>(found - rows_.begin());
    return absl::OkStatus();
  }

 private:
  const std::vector<StateRecord> rows_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> MakeTableSource(engine::StateInspector& inspector,
                                           uint64_t generation) {
  return std::make_unique<TableSource>(inspector, generation);
}

std::unique_ptr<RowSource> MakeSnapshotSource(
    const engine::SnapshotReader& reader) {
  return std::make_unique<SnapshotSource>(reader);
}

absl::StatusOr<std::unique_ptr<RowSource>> MakeChunkSource(
    std::string_view bytes, const engine::ChunkDescription& chunk) {
  TRIMARAN_ASSIGN_OR_RETURN(
      engine::ChunkReader reader,
      engine::ChunkReader::Open(bytes, chunk.place, chunk.info));
  std::vector<StateRecord> rows;
  StateRecord row;
  while (true) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, reader.Next(row));
    if (!more) break;
    rows.push_back(row);
  }
  return std::make_unique<ChunkSource>(std::move(rows));
}

}  // namespace trimaran::tool
