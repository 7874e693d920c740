// Goal: two processes talk only if they are whom the other one means, and
// whoever is turned away learns what to do about it.

#include "replication/wire/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "engine/base/absl_compat.h"
#include "replication/wire/frame.h"

namespace trimaran::wire {
namespace {

using ::testing::HasSubstr;

constexpr ClusterId kCluster{0x0123456789abcdef, 0xfedcba9876543210};

// Replica 2, which is dialled.
Identity Self() {
  return {kCluster, GroupId(1), ReplicaId(2), StoreId(0x22), 222};
}

// Replica 1, which dials it.
Hello GoodHello() {
  Hello hello;
  hello.from = {kCluster, GroupId(1), ReplicaId(1), StoreId(0x11), 111};
  hello.to = ReplicaId(2);
  hello.to_store = StoreId(0x22);
  hello.address = "db1.example.org:7400";
  hello.position = {Term(7), {LogIndex(1000), Term(6)}};
  return hello;
}

PeerDirectory Directory() {
  return {{ReplicaId(1), {"db1.example.org:7400", StoreId(0x11)}},
          {ReplicaId(2), {"db2.example.org:7400", StoreId(0x22)}}};
}

void ExpectRefused(const std::optional<Refusal>& refusal, RefusalReason reason,
                   const std::string& text) {
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(RefusalReasonName(refusal->reason), RefusalReasonName(reason));
  EXPECT_THAT(refusal->text, HasSubstr(text));
  EXPECT_LE(refusal->text.size(), kRefusalTextBytesMax);
}

// ---- As bytes ----

TEST(HandshakeCodecTest, TheBytesNeverChange) {
  Hello hello = GoodHello();
  hello.channel = Channel::kBulk;
  hello.address = "a:1";
  hello.features = 5;
  EXPECT_EQ(absl::BytesToHexString(ToAbsl(Encode(hello))),
            "0801"                // version_min
            "1001"                // version_max
            "19efcdab8967452301"  // cluster_high
            "211032547698badcfe"  // cluster_low
            "2801"                // group
            "3001"                // replica
            "391100000000000000"  // store
            "416f00000000000000"  // nonce
            "4801"                // channel
            "5002"                // to
            "592200000000000000"  // to_store
            "6203613a31"          // address
            "6807"                // position_term
            "720508e8071006"      // position_last
            "790500000000000000"  // features
  );
  EXPECT_EQ(
      absl::BytesToHexString(ToAbsl(Encode(Welcome{1, StoreId(2), 3, 4}))),
      "0801"
      "110200000000000000"
      "190300000000000000"
      "210400000000000000");
  EXPECT_EQ(absl::BytesToHexString(ToAbsl(
                Encode(Refusal{RefusalReason::kWrongStore, "no", StoreId(9)}))),
            "0805"
            "12026e6f"
            "190900000000000000");
}

TEST(HandshakeCodecTest, WhatIsEncodedIsDecodedTheSame) {
  Hello hello = GoodHello();
  hello.version_min = 2;
  hello.version_max = 9;
  hello.channel = Channel::kBulk;
  hello.features = ~uint64_t{0};
  EXPECT_EQ(*DecodeHello(Encode(hello)), hello);
  hello = Hello();
  hello.from.replica = ReplicaId(1);
  EXPECT_EQ(*DecodeHello(Encode(hello)), hello);

  const Welcome welcome{3, StoreId(7), 8, 9};
  EXPECT_EQ(*DecodeWelcome(Encode(welcome)), welcome);

  for (int reason = 0; reason <= static_cast<int>(RefusalReason::kBusy);
       ++reason) {
    const Refusal refusal{static_cast<RefusalReason>(reason), "text \xff",
                          StoreId(7)};
    EXPECT_EQ(*DecodeRefusal(Encode(refusal)), refusal);
  }
}

TEST(HandshakeCodecTest, LimitsAreMet) {
  Hello hello = GoodHello();
  hello.address = std::string(kAddressBytesMax, 'a');
  const std::string longest = Encode(hello);
  EXPECT_EQ(*DecodeHello(longest), hello);
  EXPECT_LE(longest.size(),
            LimitsOf(static_cast<uint8_t>(FrameType::kHello))->meta_bytes_max);
  hello.address += 'a';
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello(Encode(hello)).status()));

  // A refusal can always be sent.
  Refusal refusal{RefusalReason::kBusy, std::string(5000, 't'), StoreId()};
  EXPECT_EQ(DecodeRefusal(Encode(refusal))->text.size(), kRefusalTextBytesMax);
  // A field of 1025 bytes.
  EXPECT_TRUE(absl::IsInvalidArgument(
      DecodeRefusal("\x12\x81\x08" + std::string(1025, 't')).status()));
}

TEST(HandshakeCodecTest, WhatIsNotMeantIsRefused) {
  Hello nobody = GoodHello();
  nobody.from.replica = kNoReplica;
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello(Encode(nobody)).status()));
  Hello channel = GoodHello();
  channel.channel = static_cast<Channel>(2);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello(Encode(channel)).status()));
  // 256 is not 0.
  EXPECT_TRUE(absl::IsInvalidArgument(
      DecodeHello(Encode(GoodHello()) + "\x48\x80\x02").status()));
  Hello versions = GoodHello();
  versions.version_min = 2;
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello(Encode(versions)).status()));
  versions.version_min = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello(Encode(versions)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeHello("\xff").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeWelcome("\xff").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodeRefusal("\xff").status()));
}

// Where it is cut between two fields the rest has its defaults; what then is
// left is a Hello or none, and nothing worse.
TEST(HandshakeCodecTest, WhatIsCutOffIsNeverMisread) {
  const std::string whole = Encode(GoodHello());
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto decoded = DecodeHello(whole.substr(0, size));
    if (decoded.ok()) {
      EXPECT_NE(*decoded, GoodHello()) << size;
      EXPECT_EQ(decoded->from.replica, ReplicaId(1));
    }
  }
}

TEST(HandshakeCodecTest, FieldsOfALaterVersionAreIgnored) {
  // Field 100, of which nobody knows what it means.
  const std::string later = "\xa2\x06\x03new";
  EXPECT_EQ(*DecodeHello(Encode(GoodHello()) + later), GoodHello());
  EXPECT_EQ(DecodeWelcome(Encode(Welcome{1, StoreId(2), 3, 4}) + later)->nonce,
            3u);
  const auto refusal = DecodeRefusal("\x08\x63" + later);
  ASSERT_TRUE(refusal.ok());
  EXPECT_EQ(refusal->reason, RefusalReason::kUnknown);
  // 256 + 2 is not 2.
  EXPECT_EQ(DecodeRefusal("\x08\x82\x02")->reason, RefusalReason::kUnknown);
}

// ---- Who may talk ----

TEST(JudgeHelloTest, AMemberIsWelcome) {
  EXPECT_EQ(JudgeHello(GoodHello(), Self(), Directory()), std::nullopt);
  Hello unbound = GoodHello();
  unbound.to_store = StoreId();
  EXPECT_EQ(JudgeHello(unbound, Self(), Directory()), std::nullopt);
  PeerDirectory not_bound_yet = Directory();
  not_bound_yet[ReplicaId(1)].store = StoreId();
  EXPECT_EQ(JudgeHello(GoodHello(), Self(), not_bound_yet), std::nullopt);
}

TEST(JudgeHelloTest, OneThatIsNotKnownYetIsWelcome) {
  EXPECT_EQ(JudgeHello(GoodHello(), Self(), {}), std::nullopt);
}

TEST(JudgeHelloTest, NoCommonVersion) {
  Hello newer = GoodHello();
  newer.version_min = kProtocolMax + 1;
  newer.version_max = kProtocolMax + 2;
  ExpectRefused(JudgeHello(newer, Self(), Directory()), RefusalReason::kVersion,
                "replica 1 speaks versions 2 to 3 of the peer protocol, and "
                "replica 2 speaks version 1: install a newer release on "
                "replica 2,");
  Hello older = GoodHello();
  older.version_min = older.version_max = kProtocolMin - 1;
  ExpectRefused(JudgeHello(older, Self(), Directory()), RefusalReason::kVersion,
                "install a newer release on replica 1,");
  Hello wider = GoodHello();
  wider.version_max = 9;
  EXPECT_EQ(JudgeHello(wider, Self(), Directory()), std::nullopt);
}

TEST(JudgeHelloTest, WrongCluster) {
  Hello hello = GoodHello();
  hello.from.cluster.low += 1;
  ExpectRefused(JudgeHello(hello, Self(), Directory()),
                RefusalReason::kWrongCluster,
                "replica 1 belongs to cluster "
                "0123456789abcdeffedcba9876543211, and the replica at this "
                "address to cluster 0123456789abcdeffedcba9876543210");
}

TEST(JudgeHelloTest, WrongGroup) {
  Hello hello = GoodHello();
  hello.from.group = GroupId(5);
  ExpectRefused(JudgeHello(hello, Self(), Directory()),
                RefusalReason::kWrongReplica, "belongs to group 5");
}

TEST(JudgeHelloTest, AnotherReplicaAnswers) {
  Hello hello = GoodHello();
  hello.to = ReplicaId(3);
  ExpectRefused(JudgeHello(hello, Self(), Directory()),
                RefusalReason::kWrongReplica,
                "replica 1 looks for replica 3, and replica 2 answers at this "
                "address: correct the address of replica 3");
}

TEST(JudgeHelloTest, AReplicaThatDialsItself) {
  Hello hello = GoodHello();
  hello.from = Self();
  hello.to = ReplicaId(3);
  ExpectRefused(JudgeHello(hello, Self(), Directory()),
                RefusalReason::kWrongReplica,
                "the address of replica 3 leads replica 2 to itself");
  hello.to = ReplicaId(2);
  ExpectRefused(JudgeHello(hello, Self(), Directory()),
                RefusalReason::kWrongReplica, "to itself");
}

TEST(JudgeHelloTest, Removed) {
  PeerDirectory directory = Directory();
  directory[ReplicaId(1)].member = false;
  ExpectRefused(JudgeHello(GoodHello(), Self(), directory),
                RefusalReason::kRemoved,
                "replica 1 has been removed from the group: stop it;");
}

TEST(JudgeHelloTest, AnotherStoreUnderTheDiallersId) {
  PeerDirectory directory = Directory();
  directory[ReplicaId(1)].store = StoreId(0x33);
  const auto refusal = JudgeHello(GoodHello(), Self(), directory);
  ExpectRefused(refusal, RefusalReason::kWrongStore,
                "replica 1 is store 0000000000000033, and store "
                "0000000000000011 speaks under its id");
  EXPECT_THAT(refusal->text, HasSubstr("Replace(1, ...)"));
  EXPECT_EQ(refusal->bound, StoreId(0x33));
  // Nor may one that does not say which it is.
  Hello unnamed = GoodHello();
  unnamed.from.store = StoreId();
  ExpectRefused(JudgeHello(unnamed, Self(), Directory()),
                RefusalReason::kWrongStore, "speaks under its id");
}

TEST(JudgeHelloTest, TheStoreThatIsLookedForIsGone) {
  Hello hello = GoodHello();
  hello.to_store = StoreId(0x44);
  const auto refusal = JudgeHello(hello, Self(), Directory());
  ExpectRefused(refusal, RefusalReason::kStoreReplaced,
                "replica 2 is known as store 0000000000000044, and store "
                "0000000000000022 answers under its id");
  EXPECT_THAT(refusal->text, HasSubstr("Replace(2, ...)"));
}

// Of several reasons the one is named that explains the others.
TEST(JudgeHelloTest, ReasonsHaveAnOrder) {
  PeerDirectory directory = Directory();
  directory[ReplicaId(1)] = {"", StoreId(0x33), false};
  Hello hello = GoodHello();
  hello.version_min = hello.version_max = 7;
  hello.from.cluster.high = 1;
  hello.to = ReplicaId(9);
  hello.to_store = StoreId(0x44);
  ExpectRefused(JudgeHello(hello, Self(), directory), RefusalReason::kVersion,
                "");
  hello.version_min = 1;
  ExpectRefused(JudgeHello(hello, Self(), directory),
                RefusalReason::kWrongCluster, "");
  hello.from.cluster = kCluster;
  ExpectRefused(JudgeHello(hello, Self(), directory),
                RefusalReason::kWrongReplica, "");
  hello.to = ReplicaId(2);
  ExpectRefused(JudgeHello(hello, Self(), directory), RefusalReason::kRemoved,
                "");
  directory[ReplicaId(1)].member = true;
  ExpectRefused(JudgeHello(hello, Self(), directory),
                RefusalReason::kWrongStore, "");
  directory[ReplicaId(1)].store = StoreId(0x11);
  ExpectRefused(JudgeHello(hello, Self(), directory),
                RefusalReason::kStoreReplaced, "");
}

// ---- The answer ----

TEST(WelcomeTest, TheNewestVersionThatBothSpeak) {
  Hello hello = GoodHello();
  hello.version_max = 9;
  EXPECT_EQ(MakeWelcome(hello, Self()),
            (Welcome{kProtocolMax, StoreId(0x22), 222, 0}));
  EXPECT_EQ(JudgeWelcome(MakeWelcome(hello, Self()), hello), std::nullopt);
}

TEST(WelcomeTest, AVersionThatWasNotOffered) {
  Welcome welcome = MakeWelcome(GoodHello(), Self());
  welcome.version = 2;
  ExpectRefused(JudgeWelcome(welcome, GoodHello()), RefusalReason::kVersion,
                "replica 2 wants to speak version 2 of the peer protocol, and "
                "replica 1 has offered version 1");
  welcome.version = 0;
  ExpectRefused(JudgeWelcome(welcome, GoodHello()), RefusalReason::kVersion,
                "");
}

TEST(WelcomeTest, AnotherStoreThanTheOneThatWasAskedFor) {
  Welcome welcome = MakeWelcome(GoodHello(), Self());
  welcome.store = StoreId(0x55);
  ExpectRefused(JudgeWelcome(welcome, GoodHello()),
                RefusalReason::kStoreReplaced,
                "store 0000000000000055 answers under its id");
  Hello unbound = GoodHello();
  unbound.to_store = StoreId();
  EXPECT_EQ(JudgeWelcome(welcome, unbound), std::nullopt);
}

}  // namespace
}  // namespace trimaran::wire
