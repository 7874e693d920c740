#ifndef TRIMARAN_TESTS_REPLICATION_NODE_NODE_SCENARIO_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_NODE_SCENARIO_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "tests/crash/scenario.h"
#include "tests/replication/node/stepped_group.h"
#include "tests/support/disk/disk_image.h"
#include "tests/support/disk/sim_disk.h"

namespace trimaran {

// The story of replica 1, a whole node on the disk that is crashed: writes,
// checkpoints, compactions, restarts and, in a group, absences that end with a
// snapshot. What it promises is what it has acknowledged, to clients or, as a
// follower, to the leader.
//
// Thread: owner.
class NodeScenario final : public crash::Scenario {
 public:
  // A group of one, or of three that replica 2 leads.
  explicit NodeScenario(uint64_t replicas);

  std::string_view name() const override { return name_; }
  absl::Status Run(disk::SimDisk& disk) override;
  absl::StatusOr<std::string> Verify(disk::SimDisk& disk,
                                     const crash::Progress& progress) override;
  absl::Status Resume(disk::SimDisk& disk,
                      const crash::Progress& progress) override;

  // What replica 1 had come to when the last Run ended.
  struct Ending {
    LogIndex truncated;
    LogIndex durable;
    // 1 where the state was never replaced by a snapshot.
    uint64_t generation = 0;
  };
  const Ending& ending() const { return ending_; }

 private:
  enum class Kind : uint8_t {
    kFound,
    kPut,
    kCheckpoint,
    kRestart,
    // Of replica 1 from the others; what they do meanwhile it misses.
    kCut,
    kHeal,
  };
  struct Step {
    Kind kind = Kind::kPut;
    // Puts, of so many rows at once, at this replica.
    uint64_t count = 0;
    uint64_t at = 1;
    // Rows that were put by then, and that replica 1 has acknowledged.
    uint64_t issued = 0;
    uint64_t promised = 0;
  };

  void Add(Kind kind, uint64_t count = 0, uint64_t at = 1);
  void AddPuts(int steps, uint64_t at);
  const Step& step(uint64_t number) const { return steps_.at(number); }
  absl::Status Do(SteppedGroup& group, disk::SimDisk& disk, const Step& step);
  // Everybody has what everybody is to have.
  absl::Status Settle(SteppedGroup& group, bool cut);
  // How many rows the store has: in its state, or in the log behind it.
  absl::StatusOr<uint64_t> CountRows(engine::Engine& engine) const;
  absl::Status CheckLog(engine::Engine& engine) const;
  absl::Status CheckRows(SteppedGroup& group, uint64_t least) const;
  absl::Status StartPeers(SteppedGroup& group,
                          std::map<uint64_t, disk::SimDisk>& disks) const;

  const uint64_t replicas_;
  const std::string name_;
  // The first is before all others.
  std::vector<Step> steps_{Step{}};
  bool cut_ = false;
  Ending ending_;
  // What the disks of the others hold when the story has ended.
  std::map<uint64_t, disk::DiskImage> peers_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_NODE_SCENARIO_H_
