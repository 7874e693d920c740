// Goal: chunks in any order make the snapshot that was sent, nothing else gets
// onto the disk, and a transfer goes on after any break.

#include "engine/snapshot/snapshot_receiver.h"

#include <memory>
#include <string>
#include <vector>

#include "engine/base/errors.h"
#include "engine/snapshot/snapshot_paths.h"
#include "engine/snapshot/snapshot_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/snapshot/test_state.h"
#include "tests/support/disk/sim_disk.h"
#include "tests/support/disk/sim_file_system.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr char kRoot[] = "/store/snap";

class SnapshotReceiverTest : public ::testing::Test {
 protected:
  SnapshotReceiverTest() : state_(MakeTestState(60, 50, random_)) {
    SnapshotWriterOptions small;
    small.chunk_bytes_target = 1000;
    EXPECT_TRUE(
        WriteSnapshot(sender_files_, "/sender/out-20-3", state_, small).ok());
    sent_ = *SnapshotReader::Open(sender_files_, "/sender/out-20-3");
    EXPECT_TRUE(files_.CreateDirectory(kRoot).ok());
    options_.cluster = kTestCluster;
    options_.group = kTestGroup;
    options_.free_bytes_min = 0;
  }

  absl::StatusOr<std::unique_ptr<SnapshotReceiver>> Begin() {
    return SnapshotReceiver::Begin(files_, kRoot, sent_->manifest(), options_);
  }
  static std::unique_ptr<SnapshotReceiver> Verified(
      absl::StatusOr<std::unique_ptr<SnapshotReceiver>> receiver) {
    EXPECT_TRUE(receiver.ok()) << receiver.status();
    for (absl::StatusOr<bool> more = true; more.ok() && *more;) {
      more = (*receiver)->VerifyNext();
      EXPECT_TRUE(more.ok()) << more.status();
    }
    return *std::move(receiver);
  }
  std::unique_ptr<SnapshotReceiver> MustBegin() { return Verified(Begin()); }
  std::unique_ptr<SnapshotReceiver> MustResume(const std::string& directory) {
    return Verified(SnapshotReceiver::Resume(files_, directory, options_));
  }
  absl::Status Send(SnapshotReceiver& receiver, uint32_t number) {
    return receiver.AddChunk(number, *sent_->ReadChunk(number));
  }
  void SendRest(SnapshotReceiver& receiver) {
    while (const auto number = receiver.first_missing()) {
      ASSERT_TRUE(Send(receiver, *number).ok());
    }
  }
  // What the finished snapshot holds, having verified it.
  RecordMap Received(const SnapshotReceiver& receiver) {
    const auto reader = SnapshotReader::Open(files_, receiver.directory());
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) return {};
    EXPECT_TRUE((*reader)->VerifyAll().ok());
    SnapshotExport records(**reader);
    return *ReadAll(records);
  }

  SeededRandom random_{11};
  TestState state_;
  disk::SimDisk sender_disk_{"/sender"};
  disk::SimFileSystem sender_files_{sender_disk_};
  std::unique_ptr<SnapshotReader> sent_;
  disk::SimDisk disk_{"/store"};
  disk::SimFileSystem files_{disk_};
  SnapshotReceiverOptions options_;
};

// Covers: G11, G12
TEST_F(SnapshotReceiverTest, ChunksInAnyOrderMakeTheSnapshotThatWasSent) {
  const auto receiver = MustBegin();
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < sent_->chunk_count(); ++i) {
    order.push_back(i);
    order.push_back(i);
  }
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random_.Uniform(i)]);
  }
  for (const uint32_t number : order) {
    EXPECT_TRUE(absl::IsNotFound(
        SnapshotReader::Open(files_, receiver->directory()).status()));
    EXPECT_TRUE(Send(*receiver, number).ok());
  }
  EXPECT_EQ(receiver->first_missing(), std::nullopt);
  EXPECT_EQ(receiver->bytes_received(), sent_->manifest().chunk_bytes());
  ASSERT_TRUE(receiver->Finish().ok());
  EXPECT_TRUE(receiver->finished());
  EXPECT_EQ(Received(*receiver), state_.records);
}

// Covers: G11
TEST_F(SnapshotReceiverTest, IsNotFinishedWhileAChunkIsMissing) {
  const auto receiver = MustBegin();
  ASSERT_TRUE(Send(*receiver, 0).ok());
  ASSERT_TRUE(Send(*receiver, 2).ok());
  EXPECT_EQ(receiver->first_missing(), 1u);
  EXPECT_EQ(receiver->first_missing(2), 3u);
  const absl::Status status = receiver->Finish();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("chunk 1"));
  SendRest(*receiver);
  EXPECT_TRUE(receiver->Finish().ok()) << "the refusal has no consequences";
}

TEST_F(SnapshotReceiverTest, WhatIsNotTheChunkOfTheManifestIsNotWritten) {
  const auto receiver = MustBegin();
  const uint64_t before = disk_.operation_count();
  const std::string good = *sent_->ReadChunk(1);
  std::string flipped = good;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  for (const std::string& bad : {std::string(), flipped, good.substr(1),
                                 good + "x", *sent_->ReadChunk(0)}) {
    EXPECT_TRUE(IsCorruption(receiver->AddChunk(1, bad)));
  }
  EXPECT_TRUE(
      absl::IsInvalidArgument(receiver->AddChunk(sent_->chunk_count(), good)));
  EXPECT_EQ(disk_.operation_count(), before);
  EXPECT_TRUE(receiver->AddChunk(1, good).ok());
}

// Covers: G11
TEST_F(SnapshotReceiverTest, SnapshotsOfOthersAreRefusedAndNothingIsWritten) {
  const uint64_t before = disk_.operation_count();
  struct Case {
    ClusterId cluster;
    GroupId group;
    const char* message;
  };
  for (const Case& one :
       {Case{{9, 9}, kTestGroup, "cluster 0000000000000009"},
        Case{kTestCluster, GroupId(2), "replica of group 2"}}) {
    options_.cluster = one.cluster;
    options_.group = one.group;
    const absl::Status status = Begin().status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.message));
  }
  EXPECT_EQ(disk_.operation_count(), before);
}

TEST_F(SnapshotReceiverTest, AManifestThatContradictsItselfIsRefused) {
  SnapshotManifest manifest = sent_->manifest();
  manifest.chunks[0].rows += 1;
  EXPECT_TRUE(IsCorruption(
      SnapshotReceiver::Begin(files_, kRoot, manifest, options_).status()));
  EXPECT_TRUE(files_.List(kRoot)->empty());
}

TEST_F(SnapshotReceiverTest, TooLargeForTheQuotaOrTheDiskIsRefusedAtOnce) {
  options_.bytes_max = sent_->manifest().chunk_bytes() - 1;
  const absl::Status quota = Begin().status();
  EXPECT_TRUE(absl::IsResourceExhausted(quota));
  EXPECT_THAT(std::string(quota.message()),
              HasSubstr(std::to_string(options_.bytes_max)));
  options_.bytes_max = sent_->manifest().chunk_bytes();
  disk_.SetCapacity(options_.bytes_max);
  const absl::Status disk = Begin().status();
  EXPECT_TRUE(absl::IsResourceExhausted(disk));
  EXPECT_TRUE(files_.List(kRoot)->empty());

  // There must be room for what is imported from it too.
  options_.free_bytes_min = 0;
  disk_.SetCapacity(2 * options_.bytes_max);
  EXPECT_TRUE(absl::IsResourceExhausted(Begin().status()));
  EXPECT_TRUE(files_.List(kRoot)->empty());
  disk_.SetCapacity(2 * options_.bytes_max + 100'000);
  EXPECT_TRUE(Begin().ok());
}

TEST_F(SnapshotReceiverTest, AFullDiskIsToldAndCanBeTriedAgain) {
  options_.free_bytes_min = 2000;
  const auto receiver = MustBegin();
  disk_.SetCapacity(4000);
  absl::Status status;
  uint32_t number = 0;
  while (status.ok()) status = Send(*receiver, number++);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  disk_.SetCapacity(1'000'000);
  SendRest(*receiver);
  EXPECT_TRUE(receiver->Finish().ok());
  EXPECT_EQ(Received(*receiver), state_.records);
}

TEST_F(SnapshotReceiverTest, ADiskThatIsFullUnawaresCanBeTriedAgain) {
  const auto receiver = MustBegin();
  disk_.Inject({.target = disk::FaultTarget::kWrite,
                .path_part = "chunk-",
                .error = disk::FaultError::kNoSpace,
                .written_sectors = 1});
  EXPECT_TRUE(absl::IsResourceExhausted(Send(*receiver, 0)));
  EXPECT_EQ(receiver->first_missing(), 0u);
  SendRest(*receiver);
  EXPECT_TRUE(receiver->Finish().ok());
}

TEST_F(SnapshotReceiverTest, AFailedSyncIsForGoodUntilItIsResumed) {
  auto receiver = MustBegin();
  ASSERT_TRUE(Send(*receiver, 0).ok());
  disk_.Inject({.target = disk::FaultTarget::kSync, .path_part = "chunk-"});
  const absl::Status failed = Send(*receiver, 1);
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Send(*receiver, 2), failed);
  EXPECT_EQ(receiver->Finish(), failed);
  const auto resumed = MustResume(receiver->directory());
  EXPECT_EQ(resumed->first_missing(), 1u);
  SendRest(*resumed);
  EXPECT_TRUE(resumed->Finish().ok());
}

TEST_F(SnapshotReceiverTest, GoesOnAfterARestartAtEveryChunk) {
  auto receiver = MustBegin();
  for (uint32_t number = 0; number < sent_->chunk_count(); ++number) {
    EXPECT_EQ(receiver->first_missing(), number);
    ASSERT_TRUE(Send(*receiver, number).ok());
    const std::string directory = receiver->directory();
    receiver.reset();
    receiver = MustResume(directory);
    EXPECT_EQ(receiver->chunks_received(), number + 1);
  }
  ASSERT_TRUE(receiver->Finish().ok());
  EXPECT_EQ(Received(*receiver), state_.records);
}

TEST_F(SnapshotReceiverTest, BeginAgainGoesOnWhereItWas) {
  ASSERT_TRUE(Send(*MustBegin(), 3).ok());
  const auto again = MustBegin();
  EXPECT_EQ(again->chunks_received(), 1u);
  SendRest(*again);
  ASSERT_TRUE(again->Finish().ok());
  const auto finished = MustBegin();
  EXPECT_TRUE(finished->finished());
  EXPECT_TRUE(finished->Finish().ok());
}

TEST_F(SnapshotReceiverTest, WhatIsThereIsReadAChunkAtATimeBeforeMoreIsTaken) {
  {
    const auto receiver = MustBegin();
    SendRest(*receiver);
    ASSERT_TRUE(receiver->Finish().ok());
  }
  const auto again = Begin();
  ASSERT_TRUE(again.ok()) << again.status();
  for (uint32_t number = 0; number < sent_->chunk_count(); ++number) {
    EXPECT_EQ((*again)->chunks_received(), number);
    EXPECT_EQ((*again)->first_missing(), number);
    EXPECT_TRUE(absl::IsFailedPrecondition(Send(**again, number)));
    EXPECT_TRUE(absl::IsFailedPrecondition((*again)->Finish()));
    const auto more = (*again)->VerifyNext();
    ASSERT_TRUE(more.ok()) << more.status();
    EXPECT_EQ(*more, number + 1 < sent_->chunk_count());
  }
  EXPECT_FALSE((*again)->VerifyNext().value());
  EXPECT_TRUE((*again)->finished());
  EXPECT_TRUE((*again)->Finish().ok());
}

TEST_F(SnapshotReceiverTest, AChunkThatRotsIsMissingAgain) {
  auto receiver = MustBegin();
  SendRest(*receiver);
  for (const bool finished : {false, true}) {
    if (finished) {
      ASSERT_TRUE(receiver->Finish().ok());
    }
    const std::string path = JoinPath(receiver->directory(), ChunkFileName(2));
    {
      const auto file = files_.Open(path, OpenMode::kReadWrite);
      ASSERT_TRUE((*file)->Write(50, "rot").ok());
    }
    receiver = MustBegin();
    EXPECT_FALSE(receiver->finished());
    EXPECT_EQ(receiver->first_missing(), 2u);
    EXPECT_TRUE(absl::IsNotFound(
        SnapshotReader::Open(files_, receiver->directory()).status()));
    SendRest(*receiver);
  }
  ASSERT_TRUE(receiver->Finish().ok());
  EXPECT_EQ(Received(*receiver), state_.records);
}

TEST_F(SnapshotReceiverTest, WhatCannotBeReadForLackOfHandlesIsKept) {
  {
    const auto receiver = MustBegin();
    SendRest(*receiver);
    ASSERT_TRUE(receiver->Finish().ok());
  }
  const auto lack_handles_for = [this](std::string_view file) {
    disk_.Inject({.target = disk::FaultTarget::kRead,
                  .path_part = std::string(file),
                  .error = disk::FaultError::kNoSpace});
  };
  lack_handles_for(kManifestFile);
  const absl::Status begun = Begin().status();
  EXPECT_TRUE(absl::IsResourceExhausted(begun)) << begun;
  {
    const auto receiver = Begin();
    ASSERT_TRUE(receiver.ok()) << receiver.status();
    lack_handles_for(ChunkFileName(0));
    const absl::Status verified = (*receiver)->VerifyNext().status();
    EXPECT_TRUE(absl::IsResourceExhausted(verified)) << verified;
  }

  const auto again = MustBegin();
  EXPECT_TRUE(again->finished());
  EXPECT_EQ(again->chunks_received(), sent_->chunk_count());
}

TEST_F(SnapshotReceiverTest, ADamagedManifestBeginsAnew) {
  auto receiver = MustBegin();
  ASSERT_TRUE(Send(*receiver, 0).ok());
  ASSERT_TRUE(
      WriteFileAtomically(
          files_, JoinPath(receiver->directory(), kPartialManifestFile), "rot")
          .ok());
  EXPECT_TRUE(IsCorruption(
      SnapshotReceiver::Resume(files_, receiver->directory(), options_)
          .status()));
  receiver = MustBegin();
  EXPECT_EQ(receiver->chunks_received(), 0u);
}

TEST_F(SnapshotReceiverTest, AnotherSnapshotUnderTheSameNameIsRefused) {
  ASSERT_TRUE(Send(*MustBegin(), 0).ok());
  SnapshotManifest other = sent_->manifest();
  other.state.hash.low ^= 1;
  const absl::Status status =
      SnapshotReceiver::Begin(files_, kRoot, other, options_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(MustBegin()->chunks_received(), 1u);
}

// Covers: G12
TEST_F(SnapshotReceiverTest, DiscardedItLeavesNothing) {
  const auto receiver = MustBegin();
  ASSERT_TRUE(Send(*receiver, 0).ok());
  EXPECT_TRUE(receiver->Discard().ok());
  EXPECT_TRUE(files_.List(kRoot)->empty());
  EXPECT_TRUE(absl::IsCancelled(Send(*receiver, 1)));
}

TEST_F(SnapshotReceiverTest, NothingToResumeIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(
      SnapshotReceiver::Resume(files_, "/store/snap/none", options_).status()));
}

}  // namespace
}  // namespace trimaran::engine
