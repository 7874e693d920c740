// Goal: a store that comes back with less than it had is noticed, and no other
// is taken for one.

#include <memory>

#include "gtest/gtest.h"
#include "replication/tcp/tcp_transport.h"
#include "replication/wire/handshake.h"
#include "tests/replication/tcp/raw_peer.h"
#include "tests/replication/tcp/tcp_fixture.h"

namespace trimaran {
namespace {

constexpr ReplicaId kOne(1);
constexpr ReplicaId kTwo(2);

TEST(PositionTest, AnOlderImageOfAStoreIsNoticed) {
  TestPeer one(TestOptions(kOne));
  auto two = std::make_unique<TestPeer>(TestOptions(kTwo));
  two->sink().SetPosition({.term = Term(9), .last = {LogIndex(5), Term(9)}});
  Introduce({&one, two.get()});
  ASSERT_TRUE(Eventually([&] { return one.link(kTwo).receiving; }));
  two.reset();
  TcpOptions older = TestOptions(kTwo);
  older.nonce = 78;
  two = std::make_unique<TestPeer>(older);
  two->sink().SetPosition({.term = Term(7), .last = {LogIndex(3), Term(7)}});
  Introduce({&one, two.get()});
  EXPECT_TRUE(Eventually([&] { return one.link(kTwo).regressions == 1; }));
  EXPECT_TRUE(Eventually([&] { return one.link(kTwo).receiving; }));
}

// Its connections overtake each other: the earlier one is heard later.
TEST(PositionTest, AnEarlierHelloOfTheSameProcessIsNoOlderImage) {
  TestPeer one(TestOptions(kOne));
  TcpOptions options = TestOptions(kTwo);
  one.Know(
      {{kTwo, {.address = "127.0.0.1:1", .store = StoreId(), .member = true}}});
  const auto greet = [&](wire::Channel channel, uint64_t term) {
    wire::Hello hello = HelloFrom(options, one.options());
    hello.channel = channel;
    hello.position = {.term = Term(term), .last = {LogIndex(5), Term(term)}};
    auto connection = std::make_unique<RawConnection>(one.address());
    EXPECT_TRUE(connection->GreetAs(hello));
    return connection;
  };
  auto messages = greet(wire::Channel::kMessages, 9);
  auto bulk = greet(wire::Channel::kBulk, 7);
  EXPECT_EQ(one.link(kTwo).regressions, 0u);
  messages.reset();
  bulk.reset();
  options.nonce = 78;
  messages = greet(wire::Channel::kMessages, 8);
  EXPECT_EQ(one.link(kTwo).regressions, 1u);
}

// A replica that has just been started, and is dialled at once.
TEST(PositionTest, NobodyGreetsBeforeItKnowsHowFarItIs) {
  const TcpOptions options = TestOptions(kOne);
  RecordingSink sink;
  sink.SetPosition({.term = Term(9), .last = {LogIndex(5), Term(9)}});
  auto transport = TcpTransport::Start(options);
  ASSERT_TRUE(transport.ok()) << transport.status();
  RawListener listener;
  wire::Hello hello = HelloFrom(TestOptions(kTwo), options);
  hello.address = listener.address();
  RawConnection early((*transport)->listen_address());
  ASSERT_TRUE(early.SendHello(hello));
  LetTimePass(absl::Milliseconds(100));

  (*transport)->Attach(kOne, sink);
  auto dialled = listener.Accept();
  ASSERT_TRUE(dialled.has_value());
  const auto frame = dialled->ReadFrame();
  ASSERT_TRUE(frame.has_value());
  ASSERT_EQ(frame->type, wire::FrameType::kHello);
  const auto said = wire::DecodeHello(frame->meta);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->position.term, Term(9));
  (*transport)->Detach(kOne);
}

// One that is being closed, and is dialled once more.
TEST(PositionTest, NobodyGreetsWhoCannotSayAnyMoreHowFarItIs) {
  TestPeer one(TestOptions(kOne));
  one.transport().Detach(kOne);
  RawListener listener;
  wire::Hello hello = HelloFrom(TestOptions(kTwo), one.options());
  hello.address = listener.address();
  RawConnection late(one.address());
  ASSERT_TRUE(late.SendHello(hello));
  auto dialled = listener.Accept();
  ASSERT_TRUE(dialled.has_value());
  EXPECT_FALSE(dialled->ReadFrame().has_value());
}

}  // namespace
}  // namespace trimaran
