// Goal: an offer is believed only where all of it fits together, and a snapshot
// is reused only for whom it is of use.

#include <string>

#include "engine/format/manifest_codec.h"
#include "gtest/gtest.h"
#include "replication/node/snapshot_fetcher.h"
#include "replication/node/snapshot_options.h"
#include "replication/node/snapshot_producer.h"

namespace trimaran {
namespace {

constexpr ReplicaId kLeader{1};
constexpr ReplicaId kSelf{2};

engine::SnapshotManifest Manifest() {
  engine::SnapshotManifest manifest;
  manifest.id = engine::SnapshotId(77);
  manifest.cluster = {.high = 1, .low = 2};
  manifest.group = GroupId(1);
  manifest.position.id = {LogIndex(20), Term(7)};
  manifest.conf.voters = {kLeader, kSelf};
  return manifest;
}

MsgSnapshotOffer Offer(const engine::SnapshotManifest& manifest) {
  MsgSnapshotOffer offer;
  offer.manifest = engine::EncodeManifest(manifest);
  offer.announcement = {.group = GroupId(1),
                        .from = kLeader,
                        .to = kSelf,
                        .term = Term(8),
                        .body = raft::MsgSnap{{.id = {LogIndex(20), Term(7)},
                                               .conf = manifest.conf}}};
  return offer;
}

TEST(SnapshotOfferTest, OfferThatFitsTogetherIsTaken) {
  const auto manifest = CheckOffer(Offer(Manifest()), kLeader, kSelf);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(*manifest, Manifest());
}

TEST(SnapshotOfferTest, AnnouncementMustBeOfTheSenderForThisReplica) {
  EXPECT_FALSE(CheckOffer(Offer(Manifest()), ReplicaId(3), kSelf).ok());
  EXPECT_FALSE(CheckOffer(Offer(Manifest()), kLeader, ReplicaId(3)).ok());
}

TEST(SnapshotOfferTest, AnnouncementMustBeOfASnapshot) {
  MsgSnapshotOffer offer = Offer(Manifest());
  offer.announcement.body = raft::MsgTimeoutNow{};
  EXPECT_FALSE(CheckOffer(offer, kLeader, kSelf).ok());
}

TEST(SnapshotOfferTest, ManifestMustBeOfTheAnnouncedPositionAndGroup) {
  engine::SnapshotManifest other = Manifest();
  other.position.id.index = LogIndex(21);
  EXPECT_FALSE(CheckOffer(Offer(other), kLeader, kSelf).ok());
  other = Manifest();
  other.position.id.term = Term(6);
  EXPECT_FALSE(CheckOffer(Offer(other), kLeader, kSelf).ok());
  other = Manifest();
  other.group = GroupId(2);
  EXPECT_FALSE(CheckOffer(Offer(other), kLeader, kSelf).ok());
  MsgSnapshotOffer offer = Offer(Manifest());
  other = Manifest();
  other.conf.voters.push_back(ReplicaId(3));
  offer.manifest = engine::EncodeManifest(other);
  EXPECT_FALSE(CheckOffer(offer, kLeader, kSelf).ok());
}

TEST(SnapshotOfferTest, DamagedManifestIsRefused) {
  const MsgSnapshotOffer whole = Offer(Manifest());
  for (size_t at = 0; at < whole.manifest.size(); ++at) {
    MsgSnapshotOffer offer = whole;
    offer.manifest[at] = static_cast<char>(offer.manifest[at] ^ 1);
    EXPECT_FALSE(CheckOffer(offer, kLeader, kSelf).ok()) << at;
    offer.manifest.resize(at);
    EXPECT_FALSE(CheckOffer(offer, kLeader, kSelf).ok()) << at;
  }
}

TEST(SnapshotOfferTest, SnapshotServesWhoIsInItAndNeedsNothingNewer) {
  EXPECT_TRUE(Serves(Manifest(), {kSelf, LogIndex(20)}));
  EXPECT_FALSE(Serves(Manifest(), {kSelf, LogIndex(21)}));
  EXPECT_FALSE(Serves(Manifest(), {ReplicaId(3), LogIndex(20)}));
}

TEST(SnapshotOptionsTest, NamesTheOptionThatCannotBe) {
  EXPECT_TRUE(ValidateSnapshotOptions({}).ok());
  SnapshotOptions options;
  options.window_chunks = 0;
  EXPECT_FALSE(ValidateSnapshotOptions(options).ok());
  options = {};
  options.ask_again_after = absl::ZeroDuration();
  EXPECT_FALSE(ValidateSnapshotOptions(options).ok());
  options = {};
  options.give_up_after = options.ask_again_after - absl::Nanoseconds(1);
  EXPECT_FALSE(ValidateSnapshotOptions(options).ok());
  options = {};
  options.install_time_max = options.give_up_after - absl::Nanoseconds(1);
  EXPECT_FALSE(ValidateSnapshotOptions(options).ok());
  options = {};
  options.chunk_bytes_target = 0;
  EXPECT_FALSE(ValidateSnapshotOptions(options).ok());
}

}  // namespace
}  // namespace trimaran
