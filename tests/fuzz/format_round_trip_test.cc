// Goal: no bytes make a decoder of stored bytes take what no encoder makes.
// Method: random things are encoded, changed in a few places, and given to the
// checks of format_fuzz.cc, which abort, and so are the inputs that are worth
// keeping. The seed is printed in blocks, a file by its name.

#include "tests/fuzz/format_round_trip.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/format/command.h"
#include "engine/format/keys.h"
#include "engine/format/records.h"
#include "engine/home/store_identity.h"
#include "tests/fuzz/kept_inputs.h"

namespace trimaran::engine {
namespace {

// An abort leaves no more than the last block of seeds printed.
constexpr uint64_t kSeedsPerBlock = 1000;
constexpr uint64_t kSeeds = 5000;

// Mostly small numbers, and some of every length.
uint64_t Number(SeededRandom& random) {
  if (random.OneIn(2)) return 1 + random.Uniform(4);
  return 1 + (random.Next() >> (1 + random.Uniform(63)));
}

std::string Bytes(SeededRandom& random, uint64_t size_max) {
  std::string bytes;
  for (uint64_t left = random.Uniform(size_max + 1); left > 0; --left) {
    bytes += static_cast<char>(random.Uniform(256));
  }
  return bytes;
}

// Makes things that can be encoded. What they point to lives as long as this.
class Maker {
 public:
  explicit Maker(SeededRandom& random) : random_(random) {}

  std::string Entry() {
    EntryEncoder encoder;
    for (uint64_t left = random_.Uniform(4); left > 0; --left) {
      EXPECT_TRUE(encoder.Add(MakeCommand()).ok());
    }
    return encoder.Take();
  }

  std::string Key() {
    const GroupId group(Number(random_));
    switch (random_.Uniform(5)) {
      case 0:
        return KeyOf(SessionKey{group, SessionId(Number(random_))});
      case 1:
        return KeyOf(LogEntryKey{group, LogIndex(Number(random_))});
      case 2:
        return KeyOf(ApplyStateKey{group});
      case 3:
        return KeyOf(GarbageKey{group, FamilyId(Number(random_))});
      default:
        return KeyOf(RowKey{group, FamilyId(Number(random_)), UserKey()});
    }
  }

  std::string Record() {
    switch (random_.Uniform(4)) {
      case 0:
        return EncodeRecord(Session());
      case 1:
        return EncodeRecord(Region());
      case 2:
        return EncodeRecord(
            FamilyRecord{FamilyId(Number(random_)), Bytes(random_, 20) + "f"});
      default:
        return EncodeRecord(ApplyState());
    }
  }

  std::string Identity() {
    return EncodeIdentity({ClusterId{random_.Next(), random_.Next() | 1},
                           StoreId(Number(random_)), GroupId(Number(random_)),
                           ReplicaId(Number(random_))});
  }

 private:
  std::string_view Keep(std::string bytes) {
    kept_.push_back(std::make_unique<std::string>(std::move(bytes)));
    return *kept_.back();
  }
  std::string_view UserKey() { return Keep("k" + Bytes(random_, 8)); }
  FamilyId Family() { return FamilyId(Number(random_)); }

  Operation MakeOperation() {
    switch (random_.Uniform(4)) {
      case 0:
        return PutOp{Family(), UserKey(), Keep(Bytes(random_, 200))};
      case 1:
        return DeleteOp{Family(), UserKey()};
      case 2:
        return DeleteRangeOp{Family(), "", UserKey()};
      default:
        return GetOp{Family(), UserKey()};
    }
  }

  std::vector<Operation> MakeOperations() {
    std::vector<Operation> operations;
    for (uint64_t left = random_.Uniform(4); left > 0; --left) {
      operations.push_back(MakeOperation());
    }
    return operations;
  }

  WriteCommand MakeWrite() {
    WriteCommand write;
    write.operations = MakeOperations();
    if (random_.OneIn(2)) return write;
    write.compares = {
        {Family(), UserKey(), CompareKind::kAbsent, "", {}},
        {Family(), UserKey(), CompareKind::kVersionEquals, "",
         LogIndex(Number(random_))},
        {Family(), UserKey(), CompareKind::kValueEquals, UserKey(), {}}};
    write.compares.resize(1 + random_.Uniform(3));
    write.otherwise = MakeOperations();
    return write;
  }

  Command MakeCommand() {
    const uint64_t sequence = Number(random_);
    const SessionStamp stamp{SessionId(Number(random_)), sequence,
                             1 + random_.Uniform(sequence)};
    switch (random_.Uniform(8)) {
      case 0:
        return {{}, OpenSessionCommand{}};
      case 1:
        return {{}, CloseSessionCommand{SessionId(Number(random_))}};
      case 2:
        return {{}, CreateFamilyCommand{UserKey()}};
      case 3:
        return {stamp, CompactLogCommand{LogIndex(Number(random_)),
                                         Term(Number(random_))}};
      case 4:
        return {{},
                SetMemberCommand{ReplicaId(Number(random_)), random_.Next(),
                                 UserKey(), ""}};
      case 5:
        return {{}, AuditCommand{ReplicaId(Number(random_)), random_.Next()}};
      default:
        if (random_.OneIn(2)) return {stamp, MakeWrite()};
        return {{}, MakeWrite()};
    }
  }

  SessionRecord Session() {
    SessionRecord session{SessionId(Number(random_)),
                          LogIndex(Number(random_)),
                          Number(random_),
                          {}};
    for (uint64_t i = random_.Uniform(4); i > 0; --i) {
      CommandResult& answer = session.answers[session.first_unanswered + i];
      answer.index = LogIndex(Number(random_));
      answer.succeeded = random_.OneIn(2);
      if (random_.OneIn(2)) answer.status = absl::NotFoundError("");
      if (random_.OneIn(2)) answer.reads = {Bytes(random_, 5), std::nullopt};
    }
    return session;
  }

  RegionRecord Region() {
    RegionRecord region;
    region.group = GroupId(Number(random_));
    region.region.epoch = {random_.Uniform(3), random_.Uniform(300)};
    for (uint64_t i = 1 + random_.Uniform(4); i > 0; --i) {
      region.region.conf.voters.emplace_back(5 - i);
      region.region.members[ReplicaId(Number(random_))] = {
          StoreId(random_.Next()), Bytes(random_, 5), Bytes(random_, 5)};
    }
    return region;
  }

  ApplyStateRecord ApplyState() {
    ApplyStateRecord record;
    const LogIndex index(Number(random_));
    record.state.applied = {{index, Term(9)}, ChainValue{random_.Next()}};
    if (random_.OneIn(2)) record.state.truncated = {LogIndex(1), Term(3)};
    record.last_session = SessionId(random_.Uniform(300));
    return record;
  }

  SeededRandom& random_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

// A bit, a byte, a piece cut out or doubled.
void Change(SeededRandom& random, std::string& bytes) {
  if (bytes.empty()) return;
  const size_t at = random.Uniform(bytes.size());
  switch (random.Uniform(4)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Uniform(8)));
      return;
    case 1:
      bytes[at] = static_cast<char>(random.Uniform(4));
      return;
    case 2:
      bytes.erase(at, 1 + random.Uniform(4));
      return;
    default:
      bytes.insert(at, bytes.substr(at, 1 + random.Uniform(8)));
  }
}

// Gives what `make` makes to `check`, and then changed. Each of them as it was
// made is taken; returns how many changed ones are.
template <typename Make, typename Check>
uint64_t RunSeeds(const Make& make, const Check& check) {
  uint64_t taken = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    if (seed % kSeedsPerBlock == 0) {
      std::cout << "seeds " << seed << " to " << seed + kSeedsPerBlock - 1
                << '\n'
                << std::flush;
    }
    SeededRandom random(seed);
    Maker maker(random);
    const std::string made = make(maker);
    EXPECT_TRUE(check(made)) << "seed " << seed;
    std::string bytes = made;
    for (int i = 0; i < 4; ++i) {
      Change(random, bytes);
      if (check(bytes) && bytes != made) ++taken;
    }
  }
  return taken;
}

TEST(FormatRoundTripTest, Entries) {
  EXPECT_GT(
      RunSeeds([](Maker& maker) { return maker.Entry(); }, CheckEntryRoundTrip),
      kSeeds / 10);
}

TEST(FormatRoundTripTest, Keys) {
  EXPECT_GT(
      RunSeeds([](Maker& maker) { return maker.Key(); }, CheckKeyRoundTrip),
      kSeeds / 10);
}

// Behind a checksum nothing changed is ever taken.
TEST(FormatRoundTripTest, FramedRecordsAndIdentities) {
  EXPECT_EQ(RunSeeds([](Maker& maker) { return maker.Record(); },
                     CheckFramedRecordRoundTrips),
            0u);
  EXPECT_EQ(RunSeeds([](Maker& maker) { return maker.Identity(); },
                     CheckIdentityRoundTrip),
            0u);
}

// With the checksum mended the rules of the records themselves are left.
TEST(FormatRoundTripTest, BodiesOfRecords) {
  constexpr size_t kFrameBytes = 5;
  EXPECT_GT(
      RunSeeds([](Maker& maker) { return maker.Record().substr(kFrameBytes); },
               CheckRecordRoundTrips),
      kSeeds / 10);
}

TEST(FormatRoundTripTest, KeptInputs) {
  const auto inputs = KeptInputs("format");
  ASSERT_FALSE(inputs.empty());
  for (const auto& [name, input] : inputs) {
    std::cout << name << '\n' << std::flush;
    CheckFormat(input);
  }
}

TEST(FormatRoundTripTest, RandomBytes) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SeededRandom random(seed);
    for (const char kind : {'c', 'k', 'v', 'i', 's', 'r', 'f'}) {
      CheckFormat(kind + Bytes(random, 64));
    }
  }
}

}  // namespace
}  // namespace trimaran::engine
