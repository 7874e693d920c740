// Goal: messages get from one process to another, whole and in order, whatever
// starts, stops and moves.

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/wire/message_codec.h"
#include "tests/replication/tcp/raw_peer.h"
#include "tests/replication/tcp/tcp_fixture.h"

namespace trimaran {
namespace {

constexpr ReplicaId kOne(1);
constexpr ReplicaId kTwo(2);
constexpr ReplicaId kThree(3);

PeerRecord At(std::string address) {
  return {.address = std::move(address), .store = StoreId(), .member = true};
}

raft::Message RaftMessage(raft::MessageBody body) {
  return {.group = kGroup,
          .from = kOne,
          .to = kTwo,
          .term = Term(4),
          .body = std::move(body)};
}

std::vector<PeerBody> OneOfEach() {
  const LogEntry entry = {.index = LogIndex(8),
                          .term = Term(4),
                          .type = EntryType::kNormal,
                          .payload = Payload(std::string(100'000, 'e'))};
  SnapshotMeta snapshot;
  snapshot.id = {LogIndex(5), Term(2)};
  snapshot.conf.voters = {kOne, kTwo};
  return {
      RaftMessage(raft::MsgApp{.prev = {LogIndex(7), Term(3)},
                               .entries = {entry},
                               .commit = LogIndex(6)}),
      RaftMessage(raft::MsgHeartbeat{.commit = LogIndex(6),
                                     .round = raft::ReadRound(2)}),
      MsgForward{.request = 5, .entry = Payload("entry")},
      MsgForwardResp{.request = 5, .appended = EntryId{LogIndex(9), Term(4)}},
      MsgSnapshotOffer{.manifest = "manifest",
                       .announcement = RaftMessage(raft::MsgSnap{snapshot})},
      MsgSnapshotFetch{.snapshot = 1, .chunk = 2, .count = 3},
      MsgSnapshotDone{.snapshot = 1, .result = MsgSnapshotDone::Result::kGone},
      MsgStoreRefused{.bound = StoreId(77)},
      MsgStateDigest{.request = 1,
                     .place = {LogIndex(5), Term(2)},
                     .chain = 9,
                     .rows = 10,
                     .hash = "abc",
                     .error = ""},
  };
}

TEST(LoopbackTest, MessagesOfEveryKindArriveIntactAndInOrder) {
  TestPeer one(TestOptions(kOne));
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  const std::vector<PeerBody> bodies = OneOfEach();
  for (const PeerBody& body : bodies) one.Send(kTwo, body);
  one.Send(kTwo, MsgSnapshotChunk{
                     .snapshot = 1, .chunk = 2, .bytes = Payload("chunk")});
  ASSERT_TRUE(
      Eventually([&] { return two.sink().count() == bodies.size() + 1; }));
  std::vector<PeerBody> arrived;
  for (PeerMessage& message : two.sink().messages()) {
    EXPECT_EQ(message.from, kOne);
    EXPECT_EQ(message.to, kTwo);
    EXPECT_EQ(message.from_store, one.options().store);
    // It has a connection of its own.
    if (const auto* chunk = std::get_if<MsgSnapshotChunk>(&message.body)) {
      EXPECT_EQ(chunk->bytes.bytes(), "chunk");
    } else {
      arrived.push_back(std::move(message.body));
    }
  }
  EXPECT_EQ(arrived, bodies);
}

TEST(LoopbackTest, ThreeTalkEachToEach) {
  TestPeer one(TestOptions(kOne));
  TestPeer two(TestOptions(kTwo));
  TestPeer three(TestOptions(kThree));
  const std::vector<TestPeer*> all = {&one, &two, &three};
  Introduce(all);
  ASSERT_TRUE(AllConnected(all));
  std::vector<uint64_t> sent;
  for (uint64_t i = 0; i < 1000; ++i) {
    sent.push_back(i);
    for (TestPeer* from : all) {
      for (TestPeer* to : all) {
        if (from != to) from->SendNumber(to->id(), i);
      }
    }
  }
  for (TestPeer* to : all) {
    ASSERT_TRUE(Eventually([&] { return to->sink().count() == 2000; }));
    for (TestPeer* from : all) {
      if (from == to) continue;
      std::vector<uint64_t> heard;
      for (const PeerMessage& message : to->sink().messages()) {
        if (message.from != from->id()) continue;
        heard.push_back(std::get<MsgSnapshotFetch>(message.body).snapshot);
      }
      EXPECT_EQ(heard, sent);
    }
  }
}

TEST(LoopbackTest, TheStatusTellsHowItStands) {
  TestPeer one(TestOptions(kOne));
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  one.SendNumber(kTwo, 1);
  ASSERT_TRUE(Eventually([&] {
    const LinkStatus link = one.link(kTwo);
    return link.receiving && link.round_trip.has_value() &&
           link.bytes_sent > 0 && two.link(kOne).bytes_received > 0;
  }));
  const LinkStatus link = one.link(kTwo);
  EXPECT_EQ(link.address, two.address());
  EXPECT_EQ(link.error, "");
  EXPECT_FALSE(link.refused);
  EXPECT_LT(*link.round_trip, absl::Seconds(5));
  EXPECT_EQ(link.connects, 1u);
  EXPECT_EQ(one.transport().status().accepted, 1u);
  EXPECT_FALSE(one.transport().status().certificate_expires.has_value());
}

TEST(LoopbackTest, WhoComesBackIsConnectedWithinASecond) {
  TestPeer one(TestOptions(kOne));
  auto two = std::make_unique<TestPeer>(TestOptions(kTwo));
  TcpOptions again = two->options();
  again.listen = two->address();
  again.nonce = 77;
  Introduce({&one, two.get()});
  ASSERT_TRUE(AllConnected({&one, two.get()}));
  two.reset();
  ASSERT_TRUE(Eventually([&] { return !one.link(kTwo).sending; }));
  EXPECT_TRUE(Eventually([&] { return one.sink().unreachable(kTwo) > 0; }));
  // Long enough for the waits to have grown.
  LetTimePass(absl::Milliseconds(1500));
  two = std::make_unique<TestPeer>(again);
  Introduce({&one, two.get()});
  EXPECT_TRUE(AllConnected({&one, two.get()}, absl::Seconds(1)));
  one.SendNumber(kTwo, 5);
  EXPECT_TRUE(Eventually([&] { return two->sink().count() == 1; }));
}

TEST(LoopbackTest, WhoHasMovedIsFoundAtTheNewAddress) {
  TestPeer one(TestOptions(kOne));
  auto two = std::make_unique<TestPeer>(TestOptions(kTwo));
  Introduce({&one, two.get()});
  ASSERT_TRUE(AllConnected({&one, two.get()}));
  const std::string before = two->address();
  // The new process takes another port before the old one gives up its own.
  TcpOptions moved = two->options();
  moved.nonce = 78;
  auto again = std::make_unique<TestPeer>(moved);
  two.reset();
  ASSERT_NE(again->address(), before);
  Introduce({&one, again.get()});
  ASSERT_TRUE(AllConnected({&one, again.get()}));
  EXPECT_EQ(one.link(kTwo).address, again->address());
  one.SendNumber(kTwo, 5);
  EXPECT_TRUE(Eventually([&] { return again->sink().count() == 1; }));
}

TEST(LoopbackTest, WhoKnowsNobodyAnswersWhoeverDials) {
  TestPeer one(TestOptions(kOne));
  TestPeer joiner(TestOptions(kTwo));
  one.Know({{kOne, one.record()}, {kTwo, joiner.record()}});
  ASSERT_TRUE(AllConnected({&one, &joiner}));
  joiner.SendNumber(kOne, 5);
  ASSERT_TRUE(Eventually([&] { return one.sink().count() == 1; }));
  EXPECT_EQ(one.sink().messages()[0].from_store, joiner.options().store);
}

TEST(LoopbackTest, TheGroupIsBelievedBeforeThePeer) {
  // The peer says that it is elsewhere, where nobody listens for it.
  TcpOptions options = TestOptions(kTwo);
  options.advertise = "127.0.0.1:1";
  TestPeer one(TestOptions(kOne));
  TestPeer two(options);
  PeerDirectory directory = {{kOne, one.record()}, {kTwo, two.record()}};
  directory[kTwo].address = two.address();
  two.Know(directory);
  one.Know(directory);
  ASSERT_TRUE(AllConnected({&one, &two}));
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).receiving; }));
  LetTimePass(absl::Milliseconds(300));
  EXPECT_TRUE(one.link(kTwo).sending);
  EXPECT_EQ(one.link(kTwo).address, two.address());
}

TEST(LoopbackTest, IPv6) {
  TcpOptions options = TestOptions(kOne);
  options.listen = "[::1]:0";
  if (!TcpTransport::Start(options).ok()) {
    GTEST_SKIP() << "this machine has no IPv6";
  }
  TestPeer one(options);
  options = TestOptions(kTwo);
  options.listen = "[::1]:0";
  TestPeer two(options);
  EXPECT_THAT(two.address(), testing::StartsWith("[::1]:"));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  one.SendNumber(kTwo, 5);
  EXPECT_TRUE(Eventually([&] { return two.sink().count() == 1; }));
}

TEST(LoopbackTest, NamesAreLookedUp) {
  TcpOptions options = TestOptions(kTwo);
  options.listen = "localhost:0";
  TestPeer one(TestOptions(kOne));
  TestPeer two(options);
  EXPECT_THAT(two.address(), testing::StartsWith("localhost:"));
  Introduce({&one, &two});
  EXPECT_TRUE(AllConnected({&one, &two}));
}

TEST(LoopbackTest, APortThatIsTakenIsUnavailable) {
  TestPeer one(TestOptions(kOne));
  TcpOptions options = TestOptions(kTwo);
  options.listen = one.address();
  EXPECT_EQ(TcpTransport::Start(options).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(LoopbackTest, NothingArrivesAfterDetach) {
  TestPeer one(TestOptions(kOne));
  RecordingSink sink;
  auto transport = TcpTransport::Start(TestOptions(kTwo));
  ASSERT_TRUE(transport.ok()) << transport.status();
  (*transport)->Attach(kTwo, sink);
  one.Know({{kTwo, At((*transport)->listen_address())}});
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).sending; }));
  for (uint64_t i = 0; i < 2000; ++i) one.SendNumber(kTwo, i);
  ASSERT_TRUE(Eventually([&] { return sink.count() > 0; }));
  (*transport)->Detach(kTwo);
  const size_t count = sink.count();
  LetTimePass(absl::Milliseconds(100));
  EXPECT_EQ(sink.count(), count);
}

TEST(LoopbackTest, LargeAndSmallMessagesShareTheWay) {
  TestPeer one(TestOptions(kOne));
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  constexpr uint64_t messages = 200;
  for (uint64_t i = 0; i < messages; ++i) {
    one.Send(kTwo, MsgForward{.request = i,
                              .entry = Payload(std::string(
                                  i % 10 == 0 ? 1'000'000 : 10, 'e'))});
  }
  ASSERT_TRUE(Eventually([&] { return two.sink().count() == messages; }));
  uint64_t next = 0;
  for (const PeerMessage& message : two.sink().messages()) {
    const auto& forward = std::get<MsgForward>(message.body);
    EXPECT_EQ(forward.request, next);
    EXPECT_EQ(forward.entry.size(), next % 10 == 0 ? 1'000'000u : 10u);
    ++next;
  }
  // The connection was never silent for too long.
  EXPECT_EQ(one.link(kTwo).connects, 1u);
}

TEST(LoopbackTest, ManyThreadsMaySend) {
  TestPeer one(TestOptions(kOne));
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  constexpr uint64_t threads = 4;
  constexpr uint64_t each = 500;
  std::vector<std::thread> senders;
  for (uint64_t thread = 0; thread < threads; ++thread) {
    senders.emplace_back([&one, thread] {
      for (uint64_t i = 0; i < each; ++i) {
        one.SendNumber(kTwo, thread * each + i);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  ASSERT_TRUE(Eventually([&] { return two.sink().count() == threads * each; }));
  // What one thread has sent stays in its order.
  std::vector<uint64_t> next(threads);
  for (const uint64_t number : two.sink().numbers()) {
    EXPECT_EQ(number % each, next[number / each]++);
  }
}

TEST(LoopbackTest, SendingWhileThePeerComesAndGoes) {
  TestPeer one(TestOptions(kOne));
  std::atomic<bool> done = false;
  std::thread sender([&] {
    for (uint64_t i = 0; !done; ++i) one.SendNumber(kTwo, i);
  });
  for (uint64_t start = 0; start < 10; ++start) {
    TcpOptions options = TestOptions(kTwo);
    options.nonce = 2000 + start;
    TestPeer two(options);
    Introduce({&one, &two});
    EXPECT_TRUE(Eventually([&] { return two.sink().count() > 0; }));
    const std::vector<uint64_t> numbers = two.sink().numbers();
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
  done = true;
  sender.join();
}

TEST(LoopbackTest, ChunksComeAsFastAsTheyMay) {
  TcpOptions options = TestOptions(kOne);
  options.bulk_bytes_per_second = 1'000'000;
  TestPeer one(options);
  TestPeer two(TestOptions(kTwo));
  Introduce({&one, &two});
  ASSERT_TRUE(AllConnected({&one, &two}));
  const MonotonicClock clock;
  const MonotonicTime start = clock.Now();
  for (uint32_t i = 0; i < 11; ++i) {
    one.Send(kTwo,
             MsgSnapshotChunk{.snapshot = 1,
                              .chunk = i,
                              .bytes = Payload(std::string(50'000, 'c'))});
  }
  ASSERT_TRUE(Eventually([&] { return two.sink().count() == 11; }));
  // The bucket holds a tenth of a second, and the last chunk is not waited for.
  EXPECT_GT(clock.Now() - start, absl::Milliseconds(300));
  uint32_t next = 0;
  for (const PeerMessage& message : two.sink().messages()) {
    EXPECT_EQ(std::get<MsgSnapshotChunk>(message.body).chunk, next++);
  }
}

// A replica with chunks for one that the test plays.
class ChunksTest : public testing::Test {
 protected:
  void Start(const TcpOptions& options, uint32_t chunks, size_t chunk_bytes) {
    one_ = std::make_unique<TestPeer>(options);
    one_->Know({{kTwo, At(listener_.address())}});
    const wire::Identity identity = IdentityOf(TestOptions(kTwo));
    messages_ = listener_.AcceptAndWelcome(identity);
    const Payload bytes(std::string(chunk_bytes, 'c'));
    for (uint32_t i = 0; i < chunks; ++i) {
      one_->Send(kTwo,
                 MsgSnapshotChunk{.snapshot = 1, .chunk = i, .bytes = bytes});
    }
    bulk_ = listener_.AcceptAndWelcome(identity);
    ASSERT_TRUE(messages_.has_value() && bulk_.has_value());
  }
  // All of them come on one connection.
  void ReadChunks(uint32_t chunks, absl::Duration pause) {
    for (uint32_t arrived = 0; arrived < chunks;) {
      const auto frame = bulk_->ReadFrame();
      ASSERT_TRUE(frame.has_value()) << "after " << arrived << " chunks";
      if (frame->type != wire::FrameType::kSnapshotChunk) continue;
      ++arrived;
      LetTimePass(pause);
    }
  }

  RawListener listener_;
  std::unique_ptr<TestPeer> one_;
  std::optional<RawConnection> messages_;
  std::optional<RawConnection> bulk_;
};

// A slow network: it takes long until there is nothing left to send, and the
// receiver asks for no more before.
TEST_F(ChunksTest, TheirConnectionStaysWhileTheyAreSent) {
  TcpOptions options = TestOptions(kOne);
  options.bulk_unused_max = absl::Milliseconds(300);
  Start(options, 24, size_t{1} << 20);
  ReadChunks(24, absl::Milliseconds(100));
  EXPECT_TRUE(bulk_->ClosesWithin(kPatience)) << "nothing is left";
}

TEST_F(ChunksTest, TheirConnectionStaysWhileTheyMayNotBeSentYet) {
  TcpOptions options = TestOptions(kOne);
  options.bulk_unused_max = absl::Milliseconds(300);
  options.bulk_bytes_per_second = 1'000'000;
  Start(options, 3, 1'000'000);
  ReadChunks(3, absl::ZeroDuration());
}

TEST_F(ChunksTest, TheyAreBytesSent) {
  Start(TestOptions(kOne), 3, 1'000'000);
  ReadChunks(3, absl::ZeroDuration());
  EXPECT_TRUE(
      Eventually([&] { return one_->link(kTwo).bytes_sent > 3'000'000; }));
}

// All that is on its way is in the system's buffers, or in the network.
TEST_F(ChunksTest, TheirConnectionStaysWhileTheyArrive) {
  TcpOptions options = TestOptions(kOne);
  options.bulk_unused_max = absl::Seconds(1);
  Start(options, 1, 1);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(bulk_->SendFrame(wire::FrameType::kReceiving, ""));
    EXPECT_FALSE(bulk_->ClosesWithin(options.ping_interval)) << i;
  }
  EXPECT_TRUE(bulk_->ClosesWithin(kPatience));
}

TEST(LoopbackTest, WhatCannotBeSentIsReported) {
  TestPeer one(TestOptions(kOne));
  // Somebody it has never heard of.
  one.SendNumber(kThree, 1);
  EXPECT_TRUE(Eventually([&] { return one.sink().unreachable(kThree) == 1; }));
  // And somebody who is known and does not answer.
  one.Know({{kTwo, At("127.0.0.1:1")}});
  one.SendNumber(kTwo, 1);
  EXPECT_TRUE(Eventually([&] { return one.sink().unreachable(kTwo) > 0; }));
  EXPECT_THAT(one.link(kTwo).error, testing::HasSubstr("refused"));
  EXPECT_FALSE(one.link(kTwo).refused);
  EXPECT_EQ(one.link(kTwo).messages_dropped, 1u);
}

}  // namespace
}  // namespace trimaran
