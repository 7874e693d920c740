// Goal: the comparison of logs passes what keeps the contract and notices what
// does not. Method: other models stand in for the real log, good and bad ones.

#include "tests/engine/conformance/log_comparison.h"

#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/engine_model/model_log_disk.h"
#include "tests/support/engine_model/model_log_store.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

ModelLogImage EmptyLog() {
  ModelLogImage image;
  image.generation = LogSubject::kFirstGeneration;
  return image;
}

class ModelSubject : public LogSubject {
 public:
  absl::StatusOr<std::unique_ptr<LogStore>> Open() override {
    return std::make_unique<ModelLogStore>(disk_);
  }
  void Crash(std::unique_ptr<LogStore> log, Random& random) override {
    log.reset();
    disk_.Crash(random);
  }

 protected:
  ModelLogDisk disk_{EmptyLog()};
};

// Loses its last entry with every crash, synced or not.
class ForgetfulLog final : public LogSubject {
 public:
  absl::StatusOr<std::unique_ptr<LogStore>> Open() override {
    if (!disk_) disk_ = std::make_unique<ModelLogDisk>(EmptyLog());
    return std::make_unique<ModelLogStore>(*disk_);
  }
  void Crash(std::unique_ptr<LogStore> log, Random& /*random*/) override {
    log.reset();
    ModelLogImage image = disk_->durable();
    if (!image.items.empty()) image.items.pop_back();
    disk_ = std::make_unique<ModelLogDisk>(std::move(image));
  }

 private:
  std::unique_ptr<ModelLogDisk> disk_;
};

TEST(LogComparisonTest, PassesWhatKeepsTheContract) {
  uint64_t crashes = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ModelSubject subject;
    LogComparison comparison(subject, seed);
    EXPECT_EQ(comparison.Run(500), absl::OkStatus());
    crashes += comparison.crashes();
  }
  EXPECT_GT(crashes, 20u);
}

TEST(LogComparisonTest, NoticesASyncedEntryThatACrashTook) {
  ForgetfulLog subject;
  LogComparison comparison(subject, 1);
  EXPECT_THAT(comparison.Run(1000).ToString(), HasSubstr("recovered: "));
}

TEST(LogComparisonTest, NoticesARefusal) {
  class FullLog final : public ModelSubject {
   public:
    absl::StatusOr<std::unique_ptr<LogStore>> Open() override {
      disk_.FailNextWrite(absl::ResourceExhaustedError("disk full"));
      return ModelSubject::Open();
    }
  };
  FullLog subject;
  LogComparison comparison(subject, 1);
  EXPECT_THAT(comparison.Run(1000).ToString(), HasSubstr("disk full"));
}

}  // namespace
}  // namespace trimaran::engine
