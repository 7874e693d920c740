#ifndef TRIMARAN_TESTS_ENGINE_SNAPSHOT_TEST_STATE_H_
#define TRIMARAN_TESTS_ENGINE_SNAPSHOT_TEST_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/cluster_id.h"
#include "engine/base/conf_state.h"
#include "engine/base/random.h"
#include "engine/format/manifest.h"
#include "engine/kv/transfer.h"
#include "engine/snapshot/snapshot_writer.h"

// States without a state machine, for tests of what carries them.

namespace trimaran::engine {

inline constexpr GroupId kTestGroup{1};
inline constexpr ClusterId kTestCluster{0xc1, 0x57e2};
inline constexpr SnapshotIdentity kTestIdentity{SnapshotId(0xabc), kTestCluster,
                                                kTestGroup};

// The records of a state, by key.
using RecordMap = std::map<std::string, std::string, std::less<>>;

struct TestState {
  LogPosition position{{LogIndex(20), Term(3)}, ChainValue{77}};
  ConfState conf{{ReplicaId(1), ReplicaId(2)}, {}, {}, {}, false};
  RecordMap records;

  void AddFamily(uint64_t family, std::string_view name);
  void AddRow(uint64_t family, std::string_view key, std::string_view value);

  friend bool operator==(const TestState&, const TestState&) = default;
};

// Two families and `rows` rows of about `row_bytes`, from `random`.
TestState MakeTestState(size_t rows, size_t row_bytes, Random& random);

class TestExport final : public StateExport {
 public:
  explicit TestExport(TestState state)
      : state_(std::move(state)), next_(state_.records.begin()) {}

  LogPosition position() const override { return state_.position; }
  ConfState conf() const override { return state_.conf; }
  absl::StatusOr<bool> Next(StateRecord& record) override;
  absl::Status SkipTo(std::string_view key) override;

  // The call of Next that returns `error`; 1 is the next one.
  void FailAt(uint64_t call, absl::Status error) {
    calls_left_ = call;
    error_ = std::move(error);
  }

 private:
  const TestState state_;
  RecordMap::const_iterator next_;
  uint64_t calls_left_ = 0;
  absl::Status error_;
};

class TestImport final : public StateImport {
 public:
  uint64_t generation() const override { return 2; }
  absl::Status CheckRoom(uint64_t, uint64_t) override {
    return absl::OkStatus();
  }
  absl::Status Add(const StateRecord& record) override;
  absl::Status Finish(const LogPosition& position) override;
  void GiveUp() override { finished_at_.reset(); }

  const RecordMap& records() const { return records_; }
  const std::optional<LogPosition>& finished_at() const { return finished_at_; }

 private:
  RecordMap records_;
  std::optional<LogPosition> finished_at_;
};

// All records that an export gives.
absl::StatusOr<RecordMap> ReadAll(StateExport& state);

// Writes a snapshot of `state` to the end.
absl::StatusOr<SnapshotManifest> WriteSnapshot(
    FileSystem& files, std::string_view directory, const TestState& state,
    const SnapshotWriterOptions& options);

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_ENGINE_SNAPSHOT_TEST_STATE_H_
