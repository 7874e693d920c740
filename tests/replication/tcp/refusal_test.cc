// Goal: who must not talk to whom does not, and both sides can say why.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/wire/message_codec.h"
#include "tests/replication/tcp/raw_peer.h"
#include "tests/replication/tcp/tcp_fixture.h"

namespace trimaran {
namespace {

using testing::HasSubstr;
using wire::RefusalReason;

constexpr ReplicaId kOne(1);
constexpr ReplicaId kTwo(2);

class RefusalTest : public testing::Test {
 protected:
  // Two replicas that know each other, after `change` of what each knows.
  void Start(const TcpOptions& one, const TcpOptions& two,
             const std::function<void(PeerDirectory& of_one,
                                      PeerDirectory& of_two)>& change) {
    one_ = std::make_unique<TestPeer>(one);
    two_ = std::make_unique<TestPeer>(two);
    PeerDirectory of_one = {{kOne, one_->record()}, {kTwo, two_->record()}};
    PeerDirectory of_two = of_one;
    change(of_one, of_two);
    one_->Know(of_one);
    two_->Know(of_two);
  }
  // The connection that `dialler` asked for was refused by the other one.
  void ExpectRefused(const TestPeer& dialler, const TestPeer& acceptor,
                     const std::string& reason) {
    EXPECT_TRUE(
        Eventually([&] { return dialler.link(acceptor.id()).refused; }));
    const LinkStatus out = dialler.link(acceptor.id());
    EXPECT_THAT(out.error, HasSubstr("refused by the peer, " + reason));
    EXPECT_FALSE(out.sending);
    // It may have refused the first attempt before it knew that there is such
    // a replica.
    EXPECT_TRUE(Eventually([&] {
      return absl::StrContains(acceptor.link(dialler.id()).refused_here,
                               reason);
    }));
  }

  std::unique_ptr<TestPeer> one_;
  std::unique_ptr<TestPeer> two_;
};

TEST_F(RefusalTest, AnotherCluster) {
  TcpOptions other = TestOptions(kTwo);
  other.cluster.low = 0x999;
  Start(TestOptions(kOne), other, [](auto&, auto&) {});
  ExpectRefused(*one_, *two_, "wrong cluster");
  ExpectRefused(*two_, *one_, "wrong cluster");
  one_->SendNumber(kTwo, 1);
  two_->SendNumber(kOne, 1);
  LetTimePass(absl::Milliseconds(50));
  EXPECT_EQ(one_->sink().count() + two_->sink().count(), 0u);
  EXPECT_THAT(one_->transport().status().last_refusal,
              HasSubstr("wrong cluster"));
  EXPECT_GT(one_->transport().status().refused, 0u);
}

TEST_F(RefusalTest, AReplicaThatHasLeft) {
  Start(TestOptions(kOne), TestOptions(kTwo),
        [](auto& of_one, auto&) { of_one[kTwo].member = false; });
  EXPECT_TRUE(Eventually([&] { return two_->link(kOne).refused; }));
  EXPECT_THAT(two_->link(kOne).error, HasSubstr("removed"));
  EXPECT_THAT(one_->transport().status().last_refusal, HasSubstr("removed"));
  // Nobody dials it either.
  EXPECT_EQ(one_->link(kTwo).address, "");
}

TEST_F(RefusalTest, AReplicaThatHasLeftHardlyDialsAnyMore) {
  TcpOptions two = TestOptions(kTwo);
  two.backoff_min = absl::Milliseconds(1);
  two.backoff_max = absl::Milliseconds(2);
  Start(TestOptions(kOne), two,
        [](auto& of_one, auto&) { of_one[kTwo].member = false; });
  ASSERT_TRUE(Eventually([&] { return two_->link(kOne).refused; }));
  const uint64_t refused = one_->transport().status().refused;
  LetTimePass(absl::Milliseconds(200));
  EXPECT_EQ(one_->transport().status().refused, refused);
  EXPECT_TRUE(two_->link(kOne).refused);
  // Until it is a member again, of which it hears from the others.
  one_->Know({{kOne, one_->record()}, {kTwo, two_->record()}});
  EXPECT_TRUE(AllConnected({one_.get(), two_.get()}));
}

TEST_F(RefusalTest, AReplicaThatLeavesIsCutOff) {
  Start(TestOptions(kOne), TestOptions(kTwo), [](auto&, auto&) {});
  ASSERT_TRUE(AllConnected({one_.get(), two_.get()}));
  PeerDirectory without = {{kOne, one_->record()}, {kTwo, two_->record()}};
  without[kTwo].member = false;
  one_->Know(without);
  EXPECT_TRUE(Eventually([&] { return two_->link(kOne).refused; }));
  EXPECT_FALSE(two_->link(kOne).receiving);
}

TEST_F(RefusalTest, AnotherStoreUnderTheSameId) {
  // The disk of replica 2 was lost, and it came back with an empty one.
  TcpOptions emptied = TestOptions(kTwo);
  emptied.store = StoreId(555);
  Start(TestOptions(kOne), emptied,
        [](auto& of_one, auto&) { of_one[kTwo].store = StoreId(102); });
  ExpectRefused(*two_, *one_, "wrong store");
  // Its node hears what a member would tell it.
  ASSERT_TRUE(Eventually([&] { return two_->sink().count() > 0; }));
  const PeerMessage heard = two_->sink().messages()[0];
  EXPECT_EQ(heard.from, kOne);
  EXPECT_EQ(heard.from_store, one_->options().store);
  EXPECT_EQ(std::get<MsgStoreRefused>(heard.body).bound, StoreId(102));
  // And in the other direction.
  ExpectRefused(*one_, *two_, "store replaced");
}

TEST_F(RefusalTest, AnotherReplicaAtTheAddress) {
  Start(TestOptions(kOne), TestOptions(ReplicaId(3)), [&](auto& of_one, auto&) {
    of_one = {{kTwo, two_->record()}};
    of_one[kTwo].store = StoreId();
  });
  EXPECT_TRUE(Eventually([&] { return one_->link(kTwo).refused; }));
  EXPECT_THAT(one_->link(kTwo).error, HasSubstr("wrong replica"));
}

TEST_F(RefusalTest, NoCommonVersion) {
  TestPeer one(TestOptions(kOne));
  one.Know({{kTwo, {"", StoreId(), true}}});
  RawConnection later(one.address());
  wire::Hello hello = HelloFrom(TestOptions(kTwo), one.options());
  hello.version_min = wire::kProtocolMax + 1;
  hello.version_max = wire::kProtocolMax + 2;
  ASSERT_TRUE(later.SendHello(hello));
  const auto answer = later.ReadFrame();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->type, wire::FrameType::kRefusal);
  const auto refusal = wire::DecodeRefusal(answer->meta);
  ASSERT_TRUE(refusal.ok());
  EXPECT_EQ(refusal->reason, RefusalReason::kVersion);
  EXPECT_TRUE(later.ClosesWithin(kPatience));
  EXPECT_THAT(one.transport().status().last_refusal,
              HasSubstr("no common version"));
}

TEST_F(RefusalTest, AWelcomeInAVersionThatWasNotOffered) {
  RawListener listener;
  TestPeer one(TestOptions(kOne));
  one.Know({{kTwo, {listener.address(), StoreId(), true}}});
  auto connection = listener.Accept();
  ASSERT_TRUE(connection.has_value());
  ASSERT_TRUE(connection->ReadFrame().has_value());
  wire::Welcome welcome;
  welcome.version = wire::kProtocolMax + 1;
  connection->SendFrame(wire::FrameType::kWelcome, wire::Encode(welcome));
  EXPECT_TRUE(Eventually([&] { return one.link(kTwo).refused; }));
  EXPECT_THAT(one.link(kTwo).error, HasSubstr("no common version"));
}

TEST_F(RefusalTest, ASecondProcessOfTheSameReplica) {
  Start(TestOptions(kOne), TestOptions(kTwo), [](auto&, auto&) {});
  ASSERT_TRUE(AllConnected({one_.get(), two_.get()}));
  // Somebody opens a copy of the directory of replica 2.
  TcpOptions copied = TestOptions(kTwo);
  copied.nonce = 4711;
  TestPeer copy(copied);
  copy.Know({{kOne, one_->record()}});
  ExpectRefused(copy, *one_, "two processes");
  // The first goes on.
  two_->SendNumber(kOne, 5);
  EXPECT_TRUE(Eventually([&] { return one_->sink().count() == 1; }));
  copy.SendNumber(kOne, 6);
  LetTimePass(absl::Milliseconds(50));
  EXPECT_EQ(one_->sink().count(), 1u);
}

TEST_F(RefusalTest, AProcessThatHasDiedUnnoticedGivesWay) {
  TcpOptions options = TestOptions(kOne);
  options.silence_max = absl::Milliseconds(500);
  TestPeer one(options);
  // A machine that lost its power says nothing any more, not even that.
  RawConnection dead(one.address());
  ASSERT_TRUE(dead.GreetAs(HelloFrom(TestOptions(kTwo), one.options())));
  EXPECT_TRUE(Eventually([&] { return one.link(kTwo).receiving; }));
  TcpOptions restarted = TestOptions(kTwo);
  restarted.nonce = 78;
  TestPeer two(restarted);
  Introduce({&one, &two});
  EXPECT_TRUE(AllConnected({&one, &two}, absl::Seconds(3)));
  EXPECT_TRUE(dead.ClosesWithin(kPatience));
}

// What `newcomer` hears in place of a welcome; none if it is welcomed.
std::optional<RefusalReason> ReadRefusal(RawConnection& newcomer) {
  const auto answer = newcomer.ReadFrame();
  if (!answer.has_value() || answer->type != wire::FrameType::kRefusal) {
    return std::nullopt;
  }
  const auto refusal = wire::DecodeRefusal(answer->meta);
  if (!refusal.ok()) return std::nullopt;
  return refusal->reason;
}

// Its answer to the ping stands behind what it is in the middle of sending.
TEST_F(RefusalTest, AProcessThatSendsALongFrameIsAlive) {
  TestPeer one(TestOptions(kOne));
  RawConnection busy(one.address());
  ASSERT_TRUE(busy.GreetAs(HelloFrom(TestOptions(kTwo), one.options())));
  const wire::OutgoingFrame frame =
      wire::MakeFrame(wire::FrameType::kForward, "",
                      {Payload(std::string(size_t{4} << 20, 'e'))});
  ASSERT_TRUE(busy.Send(frame.head));
  wire::Hello copied = HelloFrom(TestOptions(kTwo), one.options());
  copied.from.nonce = 4711;
  RawConnection copy(one.address());
  ASSERT_TRUE(copy.SendHello(copied));
  // For twice as long as the newcomer has to wait for a sign of life.
  constexpr size_t part_bytes = size_t{32} << 10;
  const std::string_view blob = frame.blobs[0].bytes();
  for (size_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(busy.Send(blob.substr(i * part_bytes, part_bytes)));
    LetTimePass(one.options().handshake_timeout / 40);
  }
  EXPECT_EQ(ReadRefusal(copy), RefusalReason::kTwoProcesses);
  EXPECT_FALSE(busy.ClosesWithin(absl::ZeroDuration()));
}

// The end of the connection that it has waited for is no welcome.
TEST_F(RefusalTest, AReplicaThatLeavesWhileItWaitsIsRefused) {
  TcpOptions options = TestOptions(kOne);
  options.handshake_timeout = 2 * kPatience;
  options.silence_max = kPatience;
  TestPeer one(options);
  PeerDirectory directory = {{kOne, one.record()},
                             {kTwo, {"", StoreId(), true}}};
  one.Know(directory);
  RawConnection dead(one.address());
  ASSERT_TRUE(dead.GreetAs(HelloFrom(TestOptions(kTwo), options)));
  wire::Hello restarted = HelloFrom(TestOptions(kTwo), options);
  restarted.from.nonce = 78;
  RawConnection newcomer(one.address());
  ASSERT_TRUE(newcomer.SendHello(restarted));
  // It waits when the other one is asked whether it is there.
  const auto asked = dead.ReadFrame();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(asked->type, wire::FrameType::kPing);
  directory[kTwo].member = false;
  one.Know(directory);
  EXPECT_EQ(ReadRefusal(newcomer), RefusalReason::kRemoved);
  EXPECT_TRUE(dead.ClosesWithin(kPatience));
}

TEST_F(RefusalTest, TheSameProcessReplacesItsConnection) {
  TestPeer one(TestOptions(kOne));
  const wire::Hello hello = HelloFrom(TestOptions(kTwo), one.options());
  RawConnection older(one.address());
  ASSERT_TRUE(older.GreetAs(hello));
  wire::Hello bulk_hello = hello;
  bulk_hello.channel = wire::Channel::kBulk;
  RawConnection bulk(one.address());
  ASSERT_TRUE(bulk.GreetAs(bulk_hello));
  RawConnection newer(one.address());
  ASSERT_TRUE(newer.GreetAs(hello));
  EXPECT_TRUE(older.ClosesWithin(absl::Seconds(3)));
  EXPECT_TRUE(one.link(kTwo).receiving);
  // The other channel is not touched.
  EXPECT_TRUE(bulk.SendFrame(wire::FrameType::kPing, ""));
  const auto pong = bulk.ReadFrame();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->type, wire::FrameType::kPong);
}

TEST_F(RefusalTest, MoreConnectionsThanThereMayBe) {
  TcpOptions options = TestOptions(kOne);
  options.strangers_max = 2;
  options.connections_max = 4;
  TestPeer one(options);
  RawConnection first(one.address());
  ASSERT_TRUE(first.GreetAs(HelloFrom(TestOptions(kTwo), options)));
  RawConnection second(one.address());
  ASSERT_TRUE(second.GreetAs(HelloFrom(TestOptions(ReplicaId(3)), options)));
  RawConnection third(one.address());
  ASSERT_TRUE(third.SendHello(HelloFrom(TestOptions(ReplicaId(4)), options)));
  const auto answer = third.ReadFrame();
  ASSERT_TRUE(answer.has_value());
  const auto refusal = wire::DecodeRefusal(answer->meta);
  ASSERT_TRUE(refusal.ok());
  EXPECT_EQ(refusal->reason, RefusalReason::kBusy);
}

TEST_F(RefusalTest, NothingUnprotectedLeavesTheMachine) {
  TestPeer one(TestOptions(kOne));
  // An address that is for documents (RFC 5737).
  one.Know({{kTwo, {"192.0.2.1:7000", StoreId(), true}}});
  EXPECT_TRUE(Eventually([&] { return one.link(kTwo).refused; }));
  EXPECT_THAT(one.link(kTwo).error, HasSubstr("nothing protects"));
}

TEST_F(RefusalTest, NobodySpeaksForAnother) {
  TestPeer one(TestOptions(kOne));
  for (const bool from_another : {true, false}) {
    RawConnection two(one.address());
    ASSERT_TRUE(two.GreetAs(HelloFrom(TestOptions(kTwo), one.options())));
    const raft::Message message = {.group = kGroup,
                                   .from = from_another ? ReplicaId(3) : kTwo,
                                   .to = from_another ? kOne : ReplicaId(3),
                                   .term = Term(4),
                                   .body = raft::MsgTimeoutNow{}};
    ASSERT_TRUE(two.Send(wire::EncodeMessage(message)->head));
    EXPECT_TRUE(two.ClosesWithin(absl::Seconds(3)));
  }
  EXPECT_EQ(one.sink().count(), 0u);
  EXPECT_TRUE(
      Eventually([&] { return one.transport().status().broken_streams == 2; }));
}

}  // namespace
}  // namespace trimaran
