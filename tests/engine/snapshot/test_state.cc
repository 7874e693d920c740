#include "tests/engine/snapshot/test_state.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/format/row_value.h"

namespace trimaran::engine {

void TestState::AddFamily(uint64_t family, std::string_view name) {
  records[KeyOf(FamilyKey{kTestGroup, FamilyId(family)})] =
      EncodeRecord(FamilyRecord{FamilyId(family), std::string(name)});
}

void TestState::AddRow(uint64_t family, std::string_view key,
                       std::string_view value) {
  EncodeRowValue({LogIndex(7), value},
                 records[KeyOf(RowKey{kTestGroup, FamilyId(family), key})]);
}

TestState MakeTestState(size_t rows, size_t row_bytes, Random& random) {
  TestState state;
  state.AddFamily(1, "default");
  state.AddFamily(3, "index");
  for (size_t i = 0; i < rows; ++i) {
    std::string value(row_bytes, '\0');
    for (char& byte : value) byte = static_cast<char>(random.Next());
    state.AddRow(random.OneIn(3) ? 3 : 1, absl::StrCat("key", random.Next()),
                 value);
  }
  return state;
}

absl::StatusOr<bool> TestExport::Next(StateRecord& record) {
  if (calls_left_ > 0 && --calls_left_ == 0) return error_;
  if (next_ == state_.records.end()) return false;
  record = {next_->first, next_->second};
  ++next_;
  return true;
}

absl::Status TestExport::SkipTo(std::string_view key) {
  next_ = state_.records.upper_bound(key);
  return absl::OkStatus();
}

absl::Status TestImport::Add(const StateRecord& record) {
  if (!records_.empty() && record.key <= records_.rbegin()->first) {
    return absl::InvalidArgumentError("keys must rise");
  }
  records_.emplace(record.key, record.value);
  return absl::OkStatus();
}

absl::Status TestImport::Finish(const LogPosition& position) {
  finished_at_ = position;
  return absl::OkStatus();
}

absl::StatusOr<RecordMap> ReadAll(StateExport& state) {
  RecordMap records;
  StateRecord record;
  for (;;) {
    TRIMARAN_ASSIGN_OR_RETURN(const bool more, state.Next(record));
    if (!more) return records;
    records.emplace(record.key, record.value);
  }
}

absl::StatusOr<SnapshotManifest> WriteSnapshot(
    FileSystem& files, std::string_view directory, const TestState& state,
    const SnapshotWriterOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<SnapshotWriter> writer,
      SnapshotWriter::Start(files, directory, kTestIdentity,
                            std::make_unique<TestExport>(state), options));
  while (!writer->progress().done) {
    TRIMARAN_RETURN_IF_ERROR(writer->Step().status());
  }
  return writer->manifest();
}

}  // namespace trimaran::engine
