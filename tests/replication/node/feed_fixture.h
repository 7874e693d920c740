#ifndef TRIMARAN_TESTS_REPLICATION_NODE_FEED_FIXTURE_H_
#define TRIMARAN_TESTS_REPLICATION_NODE_FEED_FIXTURE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/format/command.h"
#include "gtest/gtest.h"
#include "replication/node/change_feed.h"
#include "tests/support/engine_model/model_log_store.h"

namespace trimaran {

inline LogEntry EntryOf(uint64_t index,
                        const std::vector<engine::Command>& commands) {
  engine::EntryEncoder encoder;
  for (const engine::Command& command : commands) {
    EXPECT_TRUE(encoder.Add(command).ok());
  }
  const std::string payload = encoder.Take();
  return {
      .index = LogIndex(index), .term = Term(1), .payload = Payload(payload)};
}

inline engine::Command Write(std::vector<engine::Operation> operations) {
  return {{}, engine::WriteCommand{{}, std::move(operations), {}}};
}
inline engine::Command Put(std::string_view key, std::string_view value) {
  return Write({engine::PutOp{engine::kDefaultFamily, key, value}});
}
inline engine::CommandResult Refused() {
  engine::CommandResult result;
  result.status = absl::NotFoundError("family");
  return result;
}

// A feed that begins behind entry 5, keeps 1000 bytes in memory, and has a log
// that begins with entry 1.
class FeedFixture : public testing::Test {
 protected:
  FeedFixture() {
    for (uint64_t index = 1; index <= 5; ++index) Log(EntryOf(index, {}));
  }

  void Log(const LogEntry& entry) {
    const HardState hard_state{
        .term = Term(1), .vote = {}, .commit = entry.index};
    const absl::Status appended = log_.Append(
        {.entries = {&entry, 1}, .hard_state = hard_state, .must_sync = true});
    ASSERT_TRUE(appended.ok()) << appended;
  }
  // Without `results`, everything is done.
  void Append(uint64_t index, const std::vector<engine::Command>& commands,
              std::vector<engine::CommandResult> results = {}) {
    results.resize(commands.size());
    const LogEntry entry = EntryOf(index, commands);
    Log(entry);
    feed_.Append(entry,
                 {.index = LogIndex(index), .commands = std::move(results)});
  }

  engine::ModelLogDisk disk_;
  engine::ModelLogStore log_{disk_};
  MonotonicClock clock_;
  ChangeFeed feed_{1000, LogIndex(5), log_};
  std::atomic<bool> cancelled_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_REPLICATION_NODE_FEED_FIXTURE_H_
