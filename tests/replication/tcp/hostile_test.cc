// Goal: whatever comes to the port, and whatever a peer does or stops doing,
// the others are served, and memory stays bounded.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/replication/tcp/raw_peer.h"
#include "tests/replication/tcp/tcp_fixture.h"

namespace trimaran {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

constexpr ReplicaId kOne(1);
constexpr ReplicaId kTwo(2);
constexpr ReplicaId kThree(3);
constexpr ReplicaId kFour(4);

PeerRecord At(std::string address) {
  return {.address = std::move(address), .store = StoreId(), .member = true};
}

// Who notices soon that somebody is silent.
TcpOptions Impatient(ReplicaId replica) {
  TcpOptions options = TestOptions(replica);
  options.silence_max = absl::Milliseconds(500);
  return options;
}

class HostileTest : public testing::Test {
 protected:
  void SetUp() override {
    Introduce({&one_, &two_});
    ASSERT_TRUE(AllConnected({&one_, &two_}));
  }
  // The two are served as if nothing had happened.
  void ExpectAllIsWell() {
    const size_t before = two_.sink().count();
    one_.SendNumber(kTwo, 1);
    EXPECT_TRUE(Eventually([&] { return two_.sink().count() == before + 1; }));
    EXPECT_EQ(one_.link(kTwo).connects, 1u);
    EXPECT_EQ(two_.link(kOne).connects, 1u);
  }
  uint64_t TurnedAway() { return one_.transport().status().turned_away; }

  TestPeer one_{TestOptions(kOne)};
  TestPeer two_{TestOptions(kTwo)};
};

TEST_F(HostileTest, ConnectAndClose) {
  for (int i = 0; i < 100; ++i) RawConnection scanner(one_.address());
  EXPECT_TRUE(Eventually([&] { return TurnedAway() == 100; }));
  ExpectAllIsWell();
}

TEST_F(HostileTest, BytesThatAreNoFrame) {
  SeededRandom random(7);
  for (int i = 0; i < 100; ++i) {
    RawConnection scanner(one_.address());
    std::string bytes(24 + random.Uniform(2000), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Uniform(256));
    scanner.Send(bytes);
    EXPECT_TRUE(scanner.ClosesWithin(absl::Seconds(1)));
  }
  ExpectAllIsWell();
}

TEST_F(HostileTest, FramesThatAreDamagedOrOutOfPlace) {
  const std::string hello =
      wire::Encode(HelloFrom(TestOptions(kThree), one_.options()));
  const std::string good = wire::MakeFrame(wire::FrameType::kHello, hello).head;
  // Each byte of a good Hello in turn.
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    // Behind it what makes up for a length that has grown.
    bad.append(64, '\0');
    RawConnection scanner(one_.address());
    scanner.Send(bad);
    EXPECT_TRUE(scanner.ClosesWithin(absl::Seconds(4))) << i;
  }
  for (const auto type :
       {wire::FrameType::kWelcome, wire::FrameType::kPing,
        wire::FrameType::kRaft, static_cast<wire::FrameType>(3)}) {
    RawConnection scanner(one_.address());
    scanner.SendFrame(type, "");
    EXPECT_TRUE(scanner.ClosesWithin(absl::Seconds(1)));
  }
  ExpectAllIsWell();
}

TEST_F(HostileTest, AByteAtATime) {
  // Never silent, and never done.
  const std::string hello =
      wire::MakeFrame(
          wire::FrameType::kHello,
          wire::Encode(HelloFrom(TestOptions(kThree), one_.options())))
          .head;
  RawConnection slow(one_.address());
  const MonotonicClock clock;
  const MonotonicTime start = clock.Now();
  for (const char byte : hello) {
    if (!slow.Send({&byte, 1})) break;
    if (slow.ClosesWithin(absl::Milliseconds(100))) break;
  }
  EXPECT_LT(clock.Now() - start,
            one_.options().handshake_timeout + absl::Seconds(3));
  EXPECT_EQ(TurnedAway(), 1u);
  ExpectAllIsWell();
}

TEST_F(HostileTest, FiveHundredAtOnce) {
  // So patient that nobody is turned away for being slow.
  TcpOptions options = TestOptions(kFour);
  options.handshake_timeout = 2 * kPatience;
  TestPeer four(options);
  const auto turned_away = [&] {
    return four.transport().status().turned_away;
  };
  std::vector<std::unique_ptr<RawConnection>> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(std::make_unique<RawConnection>(four.address()));
    // Each with the beginning of something.
    crowd.back()->Send("TRMN");
  }
  // The oldest had to go for the newer ones.
  EXPECT_TRUE(
      Eventually([&] { return turned_away() == 500 - options.strangers_max; }));
  EXPECT_TRUE(crowd.front()->ClosesWithin(absl::Seconds(1)));
  // A peer gets through all the same.
  TestPeer three(TestOptions(kThree));
  three.Know({{kFour, four.record()}});
  EXPECT_TRUE(Eventually([&] { return three.link(kFour).sending; }));
}

TEST_F(HostileTest, AHeaderThatPromisesMuch) {
  // Of a chunk of the largest size, whose bytes never come.
  const wire::FrameLimits limits =
      wire::LimitsOf(static_cast<uint8_t>(wire::FrameType::kSnapshotChunk))
          .value();
  TestPeer four(Impatient(kFour));
  wire::Hello hello = HelloFrom(TestOptions(kThree), four.options());
  hello.channel = wire::Channel::kBulk;
  RawConnection three(four.address());
  ASSERT_TRUE(three.GreetAs(hello));
  wire::OutgoingFrame frame =
      wire::MakeFrame(wire::FrameType::kSnapshotChunk, "",
                      {Payload(std::string(limits.blob_bytes_max, 'c'))});
  ASSERT_TRUE(three.Send(frame.head));
  EXPECT_TRUE(three.ClosesWithin(absl::Seconds(3)));
}

TEST_F(HostileTest, WhoHalfClosesIsClosed) {
  std::optional<RawConnection> three(std::in_place, one_.address());
  ASSERT_TRUE(three->GreetAs(HelloFrom(TestOptions(kThree), one_.options())));
  three->EndWriting();
  EXPECT_TRUE(three->ClosesWithin(absl::Seconds(3)));
  ExpectAllIsWell();
}

TEST_F(HostileTest, WhoStopsAnsweringIsNoticedAndCostsOnlyItself) {
  RawListener listener;
  TestPeer four(Impatient(kFour));
  four.Know({{kOne, one_.record()}, {kThree, At(listener.address())}});
  auto dead = listener.AcceptAndWelcome(IdentityOf(TestOptions(kThree)));
  ASSERT_TRUE(dead.has_value());
  ASSERT_TRUE(Eventually([&] { return four.link(kThree).sending; }));
  const MonotonicClock clock;
  const MonotonicTime start = clock.Now();
  // It accepts, and never reads. What is sent fills the system's buffers.
  for (int i = 0; i < 300; ++i) {
    four.Send(kThree, MsgForward{.request = 1,
                                 .entry = Payload(std::string(100'000, 'e'))});
  }
  // The last that comes of it.
  ASSERT_TRUE(Eventually([&] { return four.sink().unreachable(kThree) > 0; }));
  EXPECT_FALSE(four.link(kThree).sending);
  EXPECT_LT(clock.Now() - start, absl::Seconds(3));
  // By this side, or by the system, which has the same patience.
  EXPECT_THAT(four.link(kThree).error,
              AnyOf(HasSubstr("nothing heard"), HasSubstr("timed out")));
  EXPECT_GT(four.link(kThree).messages_dropped, 0u);
  four.SendNumber(kOne, 1);
  EXPECT_TRUE(Eventually([&] { return one_.sink().count() == 1; }));
}

TEST_F(HostileTest, WhoFallsSilentIsNoticedByTheDialler) {
  RawListener listener;
  TestPeer four(Impatient(kFour));
  four.Know({{kThree, At(listener.address())}});
  auto silent = listener.AcceptAndWelcome(IdentityOf(TestOptions(kThree)));
  ASSERT_TRUE(silent.has_value());
  ASSERT_TRUE(Eventually([&] { return four.link(kThree).sending; }));
  // The system acknowledges the pings, and nobody answers them.
  EXPECT_TRUE(Eventually([&] { return !four.link(kThree).sending; }));
  EXPECT_THAT(four.link(kThree).error, HasSubstr("nothing heard"));
}

TEST_F(HostileTest, WhoFallsSilentIsNoticedByTheAcceptor) {
  TestPeer four(Impatient(kFour));
  RawConnection three(four.address());
  ASSERT_TRUE(three.GreetAs(HelloFrom(TestOptions(kThree), four.options())));
  EXPECT_TRUE(three.ClosesWithin(absl::Seconds(3)));
}

// A frame of 2 MiB, by parts of `bytes` that come at the interval of pings, for
// three times as long as anybody may be silent.
void SendSlowly(RawConnection& connection, size_t bytes) {
  const wire::OutgoingFrame frame =
      wire::MakeFrame(wire::FrameType::kForward, "",
                      {Payload(std::string(size_t{2} << 20, 'e'))});
  ASSERT_TRUE(connection.Send(frame.head));
  const std::string_view blob = frame.blobs[0].bytes();
  for (size_t i = 0; i < 15; ++i) {
    ASSERT_TRUE(connection.Send(blob.substr(i * bytes, bytes)));
    LetTimePass(TestOptions(kThree).ping_interval);
  }
}

TEST_F(HostileTest, LongFrameIsASignOfLifeOfItsSender) {
  TestPeer four(Impatient(kFour));
  RawConnection three(four.address());
  ASSERT_TRUE(three.GreetAs(HelloFrom(TestOptions(kThree), four.options())));
  three.EnterMessages();
  SendSlowly(three, size_t{64} << 10);
  EXPECT_GE(four.sink().parts_passed(kThree, Passage::kFromPeer), 5);
  const auto told = three.ReadFrame();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->type, wire::FrameType::kReceiving);
}

// With which nothing would ever get through.
TEST_F(HostileTest, AFewBytesAreNoSignOfLife) {
  TestPeer four(Impatient(kFour));
  RawConnection three(four.address());
  ASSERT_TRUE(three.GreetAs(HelloFrom(TestOptions(kThree), four.options())));
  three.EnterMessages();
  SendSlowly(three, 64);
  EXPECT_EQ(four.sink().parts_passed(kThree, Passage::kFromPeer), 0);
}

// Its pings stand behind what it sends.
TEST_F(HostileTest, WhoSaysThatItReceivesIsNotTakenForSilent) {
  RawListener listener;
  TestPeer four(Impatient(kFour));
  four.Know({{kThree, At(listener.address())}});
  auto busy = listener.AcceptAndWelcome(IdentityOf(TestOptions(kThree)));
  ASSERT_TRUE(busy.has_value());
  for (int i = 0; i < 15; ++i) {
    ASSERT_TRUE(busy->SendFrame(wire::FrameType::kReceiving, ""));
    LetTimePass(TestOptions(kThree).ping_interval);
  }
  EXPECT_EQ(four.link(kThree).connects, 1u);
  EXPECT_TRUE(four.link(kThree).sending);
  EXPECT_GE(four.sink().parts_passed(kThree, Passage::kToPeer), 5);
}

TEST_F(HostileTest, WhoNeverAnswersHelloIsGivenUp) {
  RawListener listener;
  one_.Know({{kTwo, two_.record()}, {kThree, At(listener.address())}});
  auto mute = listener.Accept();
  ASSERT_TRUE(mute.has_value());
  EXPECT_TRUE(Eventually(
      [&] { return one_.link(kThree).error == "no answer to Hello"; }));
  ExpectAllIsWell();
}

TEST_F(HostileTest, AFullQueueDropsTheNewestAndSaysSo) {
  RawListener listener;
  TcpOptions options = TestOptions(kThree);
  options.queue_messages_max = 100;
  TestPeer three(options);
  three.Know({{kTwo, At(listener.address())}});
  auto slow = listener.AcceptAndWelcome(IdentityOf(TestOptions(kTwo)));
  ASSERT_TRUE(slow.has_value());
  ASSERT_TRUE(Eventually([&] { return three.link(kTwo).sending; }));
  for (int i = 0; i < 500; ++i) {
    three.Send(kTwo, MsgForward{.request = 1,
                                .entry = Payload(std::string(100'000, 'e'))});
  }
  EXPECT_TRUE(Eventually([&] { return three.sink().unreachable(kTwo) > 0; }));
  EXPECT_GT(three.link(kTwo).messages_dropped, 100u);
  EXPECT_TRUE(three.link(kTwo).sending);
}

TEST_F(HostileTest, WhoAsksAndDoesNotReadCostsLittle) {
  RawConnection three(one_.address());
  ASSERT_TRUE(three.GreetAs(HelloFrom(TestOptions(kThree), one_.options())));
  const std::string ping = wire::MakeFrame(wire::FrameType::kPing, "").head;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += ping;
  for (int i = 0; i < 200; ++i) {
    if (!three.Send(many)) break;
  }
  ExpectAllIsWell();
}

TEST_F(HostileTest, NoDescriptorIsLeft) {
  // Once before, for UBSan, which needs descriptors to look at a type that it
  // has not met yet.
  ExpectAllIsWell();
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<UniqueFd> hoard;
  rlimit tight = before;
  tight.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  // One is kept for the socket of the scanner, which then waits in vain.
  UniqueFd spare(::dup(0));
  while (true) {
    UniqueFd fd(::dup(0));
    if (fd.get() < 0) break;
    hoard.push_back(std::move(fd));
  }
  spare = UniqueFd();
  std::optional<RawConnection> waiting(std::in_place, one_.address());
  LetTimePass(absl::Milliseconds(300));
  const uint64_t accepted = one_.transport().status().accepted;
  ExpectAllIsWell();
  hoard.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(Eventually(
      [&] { return one_.transport().status().accepted == accepted + 1; }));
}

}  // namespace
}  // namespace trimaran
