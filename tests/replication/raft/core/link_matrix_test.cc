#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/raft/builders.h"
#include "tests/support/raft/network.h"

// Networks in which some can hear others and not be heard: three replicas, and
// each of the 64 ways in which the six links between them can be there or not.
// Whoever is to lead must hear a majority, itself included, and be heard by it:
// its requests for votes, and the votes. So there is a leader, and writes
// commit, exactly where there is such a replica: whoever has two-way links to
// too few cannot lead, and with pre-vote and check-quorum cannot depose who
// does (thesis §9.6, §6.2).

namespace trimaran::raft {
namespace {

constexpr uint64_t kReplicas = 3;
constexpr uint32_t kAlways = 1'000'000;
// Of ten to twenty ticks each, some elections. A split vote costs another one.
constexpr int kTicksMax = 200;
constexpr uint64_t kSeeds = 5;

constexpr std::array<Route, 6> kLinks = {
    {{1, 2}, {1, 3}, {2, 1}, {2, 3}, {3, 1}, {3, 2}}};

// Which of kLinks are there.
class LinkMatrix {
 public:
  explicit LinkMatrix(uint64_t mask) : mask_(mask) {}

  void ApplyTo(Network& network) const {
    for (size_t i = 0; i < kLinks.size(); ++i) {
      if (!Has(i)) network.Drop(kLinks[i], kAlways);
    }
  }
  bool TwoWay(uint64_t a, uint64_t b) const { return Has(a, b) && Has(b, a); }
  // Has two-way links to a majority; one other is enough.
  bool CanLead(uint64_t id) const {
    for (uint64_t other = 1; other <= kReplicas; ++other) {
      if (other != id && TwoWay(id, other)) return true;
    }
    return false;
  }
  bool AnyCanLead() const { return CanLead(1) || CanLead(2) || CanLead(3); }
  std::string ToString() const {
    std::string text = "links";
    for (size_t i = 0; i < kLinks.size(); ++i) {
      if (Has(i))
        absl::StrAppend(&text, " ", kLinks[i].from, ">", kLinks[i].to);
    }
    return text;
  }

 private:
  bool Has(size_t link) const { return ((mask_ >> link) & 1) != 0; }
  bool Has(uint64_t from, uint64_t to) const {
    for (size_t i = 0; i < kLinks.size(); ++i) {
      if (kLinks[i].from == from && kLinks[i].to == to) return Has(i);
    }
    return false;
  }

  const uint64_t mask_;
};

// A group in such a network.
class LinkedGroup {
 public:
  LinkedGroup(const LinkMatrix& links, uint64_t seed)
      : links_(links),
        network_(
            kReplicas,
            [](Config& config) {
              config.pre_vote = true;
              config.check_quorum = true;
            },
            seed) {}

  // Before the links fail.
  void Lead(uint64_t id) {
    network_.Campaign(id);
    NoteLeaders();
    ASSERT_EQ(network_.status(id).role, Role::kLeader);
  }
  void FailLinks() { links_.ApplyTo(network_); }

  void Tick() {
    network_.TickAll();
    NoteLeaders();
  }
  std::vector<uint64_t> Leaders() {
    std::vector<uint64_t> leaders;
    for (uint64_t id = 1; id <= kReplicas; ++id) {
      if (network_.status(id).role == Role::kLeader) leaders.push_back(id);
    }
    return leaders;
  }
  // Of all that have been seen.
  size_t terms_led() const { return leaders_.size(); }
  // Whether somebody who leads can have a write committed.
  bool Commits() {
    for (const uint64_t id : Leaders()) {
      // May be refused: too much is uncommitted where nobody answers.
      if (!network_.Propose(id, "x").ok()) continue;
      const RaftStatus status = network_.status(id);
      if (status.role == Role::kLeader && status.commit == status.last.index) {
        EXPECT_TRUE(links_.CanLead(id)) << id;
        return true;
      }
    }
    return false;
  }
  // Ticks until a write is committed; kTicksMax if none is.
  int TicksUntilCommit() {
    for (int tick = 0; tick < kTicksMax; ++tick) {
      Tick();
      if (Commits()) return tick;
    }
    return kTicksMax;
  }

 private:
  void NoteLeaders() {
    for (const uint64_t id : Leaders()) {
      const Term term = network_.status(id).term;
      const uint64_t leader = leaders_.emplace(term, id).first->second;
      EXPECT_EQ(leader, id) << "two leaders of term " << term;
    }
  }

  const LinkMatrix links_;
  Network network_;
  std::map<Term, uint64_t> leaders_;
};

void ExpectLeaderWhereThereCanBeOne(LinkedGroup& group,
                                    const LinkMatrix& links) {
  if (!links.AnyCanLead()) {
    // Who led notices it within an election timeout, and nobody follows.
    for (int tick = 0; tick < kTicksMax; ++tick) {
      group.Tick();
      EXPECT_FALSE(group.Commits());
    }
    EXPECT_TRUE(group.Leaders().empty());
    return;
  }
  EXPECT_LT(group.TicksUntilCommit(), kTicksMax);
  // Nobody disturbs it.
  const size_t terms_led = group.terms_led();
  for (int tick = 0; tick < kTicksMax; ++tick) group.Tick();
  EXPECT_TRUE(group.Commits());
  EXPECT_EQ(group.terms_led(), terms_led);
}

// Covers: H1, H5, H6
TEST(LinkMatrixTest, NewGroupFindsALeaderWhereThereCanBeOne) {
  for (uint64_t mask = 0; mask < 64; ++mask) {
    const LinkMatrix links(mask);
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(absl::StrCat(links.ToString(), ", seed ", seed));
      LinkedGroup group(links, seed);
      group.FailLinks();
      ExpectLeaderWhereThereCanBeOne(group, links);
    }
  }
}

// Covers: H1, H5, H6
TEST(LinkMatrixTest, GroupWhoseLinksFailKeepsALeaderOrFindsAnother) {
  for (uint64_t mask = 0; mask < 64; ++mask) {
    const LinkMatrix links(mask);
    for (uint64_t leader = 1; leader <= kReplicas; ++leader) {
      SCOPED_TRACE(absl::StrCat(links.ToString(), ", led by ", leader));
      LinkedGroup group(links, /*seed=*/leader);
      group.Lead(leader);
      group.FailLinks();
      ExpectLeaderWhereThereCanBeOne(group, links);
    }
  }
}

}  // namespace
}  // namespace trimaran::raft
