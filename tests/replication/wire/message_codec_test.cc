// Goal: whatever nodes say to each other arrives as it was sent, and whatever
// they would not say does not arrive.

#include "replication/wire/message_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/absl_compat.h"
#include "engine/format/limits.h"
#include "replication/raft/config.h"
#include "tests/replication/wire/frame_bytes.h"

namespace trimaran::wire {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();

EntryId At(uint64_t index, uint64_t term) {
  return {LogIndex(index), Term(term)};
}

LogEntry Entry(EntryId id, std::string_view payload,
               EntryType type = EntryType::kNormal) {
  return {id.index, id.term, type, Payload(payload)};
}

raft::Message From(raft::MessageBody body) {
  return {GroupId(1), ReplicaId(2), ReplicaId(3), Term(4), std::move(body)};
}

// No two fields of one message are equal, so that none can stand for another.
std::vector<raft::Message> RaftMessages() {
  const ConfState conf{{ReplicaId(1), ReplicaId(2)},
                       {ReplicaId(3), ReplicaId(4)},
                       {ReplicaId(5)},
                       {ReplicaId(4)},
                       true};
  return {
      From(raft::MsgProp{{{EntryType::kConfChange, Payload("change")},
                          {EntryType::kNormal, Payload()},
                          {EntryType::kNormal, Payload("put")}}}),
      From(raft::MsgApp{At(10, 3),
                        {Entry(At(11, 3), "first"), Entry(At(12, 4), ""),
                         Entry(At(13, 4), "change", EntryType::kConfChange)},
                        LogIndex(9)}),
      From(raft::MsgApp{At(10, 3), {}, LogIndex(9)}),
      From(raft::MsgAppResp{LogIndex(10), true, At(8, 3), LogIndex(7)}),
      From(raft::MsgHeartbeat{LogIndex(10), raft::ReadRound(11), At(12, 13)}),
      From(raft::MsgHeartbeatResp{raft::ReadRound(11)}),
      From(raft::MsgVote{At(10, 3), At(9, 2), true, -5}),
      From(raft::MsgPreVote{At(10, 3), At(9, 2),
                            std::numeric_limits<int64_t>::min()}),
      From(raft::MsgVoteResp{true, At(9, 2)}),
      From(raft::MsgPreVoteResp{true, At(9, 2)}),
      From(raft::MsgSnap{{At(10, 3), conf}}),
      From(raft::MsgTimeoutNow{}),
      From(raft::MsgTransferLeader{ReplicaId(9)}),
      From(raft::MsgReadIndex{raft::ReadId(kHuge), raft::ReadMode::kLease,
                              ReplicaId(9)}),
      From(raft::MsgReadIndexResp{raft::ReadId(10), LogIndex(11), Term(12)}),
  };
}

std::vector<PeerBody> AllBodies() {
  std::vector<PeerBody> bodies;
  for (raft::Message& message : RaftMessages()) {
    bodies.emplace_back(std::move(message));
  }
  bodies.emplace_back(MsgForward{kHuge, Payload("an entry")});
  bodies.emplace_back(MsgForward{1, Payload()});
  bodies.emplace_back(MsgForwardResp{5, At(10, 3), DropReason::kShuttingDown});
  bodies.emplace_back(MsgForwardResp{5, EntryId(), DropReason::kNoLeader});
  bodies.emplace_back(MsgForwardResp{5, {}, DropReason::kQueueFull});
  bodies.emplace_back(MsgSnapshotOffer{
      "a manifest",
      From(raft::MsgSnap{{At(10, 3), {{ReplicaId(1)}, {}, {}, {}, false}}})});
  bodies.emplace_back(MsgSnapshotFetch{kHuge, 0xffffffff, 8});
  bodies.emplace_back(MsgSnapshotChunk{7, 0xffffffff, Payload("a chunk")});
  bodies.emplace_back(MsgSnapshotDone{7, MsgSnapshotDone::Result::kGone});
  bodies.emplace_back(MsgStoreRefused{StoreId(kHuge)});
  bodies.emplace_back(MsgStateDigest{1, At(10, 3), 4, 5, "0123abcd", "text"});
  return bodies;
}

// As it arrives: the payloads of the frame in one piece, `frame` outlives it.
struct Arrived {
  explicit Arrived(const OutgoingFrame& frame)
      : bytes(Joined(frame)),
        view{static_cast<FrameType>(bytes[4]),
             std::string_view(frame.head).substr(kFrameHeaderBytes),
             std::string_view(bytes).substr(frame.head.size())} {}

  std::string bytes;
  FrameView view;
};

absl::Status DecodeError(FrameType type, std::string_view meta,
                         std::string_view blob = "") {
  return DecodeMessage({type, meta, blob}).status();
}

TEST(MessageCodecTest, WhatIsSentArrives) {
  std::vector<bool> seen(std::variant_size_v<PeerBody>);
  std::vector<bool> seen_raft(std::variant_size_v<raft::MessageBody>);
  for (const PeerBody& body : AllBodies()) {
    seen[body.index()] = true;
    if (const auto* message = std::get_if<raft::Message>(&body)) {
      seen_raft[message->body.index()] = true;
    }
    const auto frame = EncodeMessage(body);
    ASSERT_TRUE(frame.ok()) << frame.status();
    const Arrived arrived(*frame);
    // One type for each alternative, in order.
    EXPECT_EQ(static_cast<size_t>(arrived.view.type), 16 + body.index());
    const auto decoded = DecodeMessage(arrived.view);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, body)
        << FrameTypeName(static_cast<uint8_t>(arrived.view.type));
  }
  EXPECT_THAT(seen, ::testing::Each(true));
  EXPECT_THAT(seen_raft, ::testing::Each(true));
}

TEST(MessageCodecTest, TheBytesOfAnAppendNeverChange) {
  const auto frame = EncodeMessage(
      From(raft::MsgApp{At(300, 3),
                        {Entry(At(301, 3), "put"),
                         Entry(At(302, 4), "join", EntryType::kConfChange)},
                        LogIndex(299)}));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(
      absl::BytesToHexString(ToAbsl(std::string_view(frame->head).substr(24))),
      "0801"            // group
      "1002"            // from
      "1803"            // to
      "2004"            // term
      "2a16"            // app
      "0a0508ac021003"  // prev
      "10ab02"          // commit
      "1a020304"        // terms
      "22020001"        // types
      "2a020304");      // sizes
  EXPECT_EQ(Joined(*frame).substr(frame->head.size()), "putjoin");
}

TEST(MessageCodecTest, PayloadsAreNotCopiedOnTheWayOut) {
  const Payload entry("an entry of some size");
  const auto frame = EncodeMessage(MsgForward{1, entry});
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->blobs.front().bytes().data(), entry.bytes().data());
}

// ---- Limits ----

raft::MsgApp Append(uint64_t entries, std::string_view payload) {
  raft::MsgApp append;
  append.prev = At(kMaxLogIndex.value() - entries, kHuge);
  for (uint64_t i = 1; i <= entries; ++i) {
    append.entries.push_back(Entry(At(append.prev.index.value() + i, kHuge),
                                   payload, EntryType::kConfChange));
  }
  append.commit = kMaxLogIndex;
  return append;
}

TEST(MessageCodecTest, WhateverALeaderAppendsCanBeSent) {
  const raft::Config config;
  // The most entries, and the numbers that take the most room.
  const raft::MsgApp most = Append(
      config.append_entries_max,
      std::string(config.append_bytes_max / config.append_entries_max, 'p'));
  auto frame = EncodeMessage(From(most));
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(*DecodeMessage(Arrived(*frame).view), PeerBody(From(most)));
  // The longest entry.
  const raft::MsgApp longest =
      Append(1, std::string(engine::kCommandBytesMax + 100, 'p'));
  frame = EncodeMessage(From(longest));
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(*DecodeMessage(Arrived(*frame).view), PeerBody(From(longest)));
}

TEST(MessageCodecTest, AConfigurationOfAllMembersCanBeSent) {
  raft::MsgSnap snap{{At(kMaxLogIndex.value(), kHuge), {}}};
  for (uint64_t i = 0; i < engine::kMembersMax; ++i) {
    const ReplicaId id(kHuge - engine::kMembersMax + i);
    snap.snapshot.conf.voters.push_back(id);
    snap.snapshot.conf.voters_outgoing.push_back(id);
    snap.snapshot.conf.learners_next.push_back(id);
  }
  EXPECT_TRUE(EncodeMessage(From(snap)).ok());
  EXPECT_TRUE(EncodeMessage(
                  MsgSnapshotOffer{std::string(kSnapshotManifestBytesMax, 'm'),
                                   From(snap)})
                  .ok());
}

TEST(MessageCodecTest, WhatIsTooLongIsNotSent) {
  const Payload entry(std::string(kEntryBytesMax, 'e'));
  EXPECT_TRUE(EncodeMessage(MsgForward{1, entry}).ok());
  const Payload longer(std::string(kEntryBytesMax + 1, 'e'));
  EXPECT_TRUE(
      absl::IsResourceExhausted(EncodeMessage(MsgForward{1, longer}).status()));
  raft::MsgApp two;
  two.entries = {Entry(At(1, 1), entry.bytes()), Entry(At(2, 1), "e")};
  EXPECT_TRUE(absl::IsResourceExhausted(EncodeMessage(From(two)).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(
      EncodeMessage(From(Append(100000, ""))).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(
      EncodeMessage(
          MsgSnapshotChunk{
              1, 2, Payload(std::string(kSnapshotChunkBytesMax + 1, 'c'))})
          .status()));
  EXPECT_TRUE(absl::IsResourceExhausted(
      EncodeMessage(
          MsgStateDigest{1, EntryId(), 2, 3, "", std::string(100000, 't')})
          .status()));
}

TEST(MessageCodecTest, WhatNoNodeMakesIsNotSent) {
  raft::MsgApp gap;
  gap.entries = {Entry(At(2, 1), "e")};
  EXPECT_TRUE(absl::IsInvalidArgument(EncodeMessage(From(gap)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      EncodeMessage(MsgSnapshotOffer{"m", From(raft::MsgTimeoutNow{})})
          .status()));
}

// ---- What peers make up ----

TEST(MessageCodecTest, OnlyMessagesBetweenNodesAreDecoded) {
  for (const FrameType type :
       {FrameType::kHello, FrameType::kWelcome, FrameType::kRefusal,
        FrameType::kPing, FrameType::kPong, FrameType::kReceiving,
        static_cast<FrameType>(99)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(DecodeError(type, "")));
  }
}

TEST(MessageCodecTest, NoMetaIsNoMessage) {
  for (uint8_t type = 16; type <= 24; ++type) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        DecodeError(static_cast<FrameType>(type), "\xff")))
        << static_cast<int>(type);
  }
  EXPECT_THAT(DecodeError(FrameType::kRaft, "").message(),
              HasSubstr("none that this version knows"));
  // A body of a later version.
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeError(FrameType::kRaft,
                                                  "\x08\x01\x9a\x06\x01"
                                                  "b")));
}

TEST(MessageCodecTest, CountsAndSizesMustAddUp) {
  // An App with terms, types and sizes.
  const auto append = [](std::string_view lists) {
    return "\x2a" + std::string(1, static_cast<char>(lists.size())) +
           std::string(lists);
  };
  const std::string good =
      append({"\x1a\x02\x03\x03\x22\x02\x00\x00"
              "\x2a\x02\x01\x02",
              12});
  EXPECT_TRUE(DecodeError(FrameType::kRaft, good, "abc").ok());
  EXPECT_THAT(DecodeError(FrameType::kRaft, good, "ab").message(),
              HasSubstr("payloads of 3 bytes in a blob of 2"));
  EXPECT_THAT(DecodeError(FrameType::kRaft, good, "abcd").message(),
              HasSubstr("payloads of 3 bytes in a blob of 4"));
  EXPECT_THAT(
      DecodeError(FrameType::kRaft,
                  append({"\x1a\x01\x03\x22\x02\x00\x00\x2a\x02\x01\x02", 11}),
                  "abc")
          .message(),
      HasSubstr("2 sizes and 1 terms"));
  EXPECT_THAT(DecodeError(FrameType::kRaft,
                          append({"\x1a\x03\x03\x03\x03\x22\x02\x00\x00"
                                  "\x2a\x02\x01\x02",
                                  13}),
                          "abc")
                  .message(),
              HasSubstr("2 sizes and 3 terms"));
  EXPECT_THAT(
      DecodeError(FrameType::kRaft,
                  append({"\x1a\x02\x03\x03\x22\x01\x00\x2a\x02\x01\x02", 11}),
                  "abc")
          .message(),
      HasSubstr("2 sizes and 1 types"));
  EXPECT_THAT(DecodeError(FrameType::kRaft,
                          append({"\x1a\x02\x03\x03\x22\x02\x00\x02"
                                  "\x2a\x02\x01\x02",
                                  12}),
                          "abc")
                  .message(),
              HasSubstr("unknown entry type 2"));
  // Two sizes of 2^31 do not wrap around to nothing.
  EXPECT_THAT(DecodeError(FrameType::kRaft,
                          append({"\x1a\x02\x03\x03\x22\x02\x00\x00\x2a\x0a"
                                  "\x80\x80\x80\x80\x08\x80\x80\x80\x80\x08",
                                  20}))
                  .message(),
              HasSubstr("payloads of 4294967296 bytes in a blob of 0"));
}

TEST(MessageCodecTest, ABlobWithoutUseIsRefused) {
  const auto frame = EncodeMessage(From(raft::MsgTimeoutNow{}));
  ASSERT_TRUE(frame.ok());
  Arrived arrived(*frame);
  arrived.view.blob = "x";
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeMessage(arrived.view).status()));
}

TEST(MessageCodecTest, UnknownEnumeratorsAreRefused) {
  const auto expect_refused = [](const PeerBody& body) {
    const auto frame = EncodeMessage(body);
    ASSERT_TRUE(frame.ok());
    EXPECT_TRUE(
        absl::IsInvalidArgument(DecodeMessage(Arrived(*frame).view).status()));
  };
  expect_refused(From(raft::MsgReadIndex{
      raft::ReadId(1), static_cast<raft::ReadMode>(2), ReplicaId(1)}));
  expect_refused(
      From(raft::MsgProp{{{static_cast<EntryType>(2), Payload("p")}}}));
  expect_refused(MsgForwardResp{1, {}, static_cast<DropReason>(0)});
  expect_refused(MsgForwardResp{1, {}, static_cast<DropReason>(10)});
  expect_refused(MsgSnapshotDone{1, static_cast<MsgSnapshotDone::Result>(3)});
  // 256 and more are not taken for their last eight bits: a Prop with one
  // empty proposal, a ReadIndex, and two of other types.
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeError(
      FrameType::kRaft, {"\x5a\x07\x0a\x02\x80\x02\x12\x01\x00", 9})));
  EXPECT_TRUE(absl::IsInvalidArgument(
      DecodeError(FrameType::kRaft, "\x4a\x03\x10\x80\x02")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      DecodeError(FrameType::kForwardResp, "\x18\x81\x02")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      DecodeError(FrameType::kSnapshotDone, "\x10\x80\x02")));
}

TEST(MessageCodecTest, AnOfferAnnouncesASnapshot) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(DecodeError(FrameType::kSnapshotOffer, "")));
  // A TimeoutNow.
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeError(
      FrameType::kSnapshotOffer, {"\x0a\x03\x8a\x01\x00", 5}, "manifest")));
}

TEST(MessageCodecTest, WhatIsCutOffIsNeverMisread) {
  for (const PeerBody& body : AllBodies()) {
    const auto frame = EncodeMessage(body);
    ASSERT_TRUE(frame.ok());
    const Arrived arrived(*frame);
    FrameView cut = arrived.view;
    for (size_t size = 0; size < arrived.view.meta.size(); ++size) {
      cut.meta = arrived.view.meta.substr(0, size);
      const auto decoded = DecodeMessage(cut);
      // A field that is 0 is none, so that what ends between two fields may
      // be a message; but another one.
      EXPECT_FALSE(decoded.ok() && *decoded == body) << size;
    }
  }
}

}  // namespace
}  // namespace trimaran::wire
