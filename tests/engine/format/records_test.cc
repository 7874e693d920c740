// Goal: each record has the bytes that the format promises and comes back as
// what it was; whatever was damaged, misplaced or made by a later version is
// refused by name.

#include "engine/format/records.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "engine/base/bytes.h"
#include "engine/base/errors.h"
#include "engine/format/limits.h"
#include "engine/format/record_frame.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}
std::string FromHex(std::string_view hex) {
  return absl::HexStringToBytes({hex.data(), hex.size()});
}

std::string ToText(const absl::Status& status) {
  return std::string(status.message());
}

ApplyStateRecord SomeApplyState() {
  ApplyStateRecord record;
  record.state.applied = {{LogIndex(1000), Term(7)},
                          ChainValue{0x0102030405060708}};
  record.state.truncated = {LogIndex(900), Term(6)};
  record.last_session = SessionId(3);
  record.last_family = FamilyId(2);
  return record;
}

RegionRecord SomeRegion() {
  RegionRecord record;
  record.group = GroupId(9);
  record.region.epoch = {5, 1};
  record.region.conf.voters = {ReplicaId(1), ReplicaId(2), ReplicaId(300)};
  record.region.conf.voters_outgoing = {ReplicaId(1), ReplicaId(2)};
  record.region.conf.learners = {ReplicaId(4)};
  record.region.conf.auto_leave = true;
  record.region.members[ReplicaId(300)] = {StoreId(), "\xff", ""};
  record.region.members[ReplicaId(1)] = {StoreId(0xa1b2), "one", "h:1"};
  return record;
}

SessionRecord SomeSession() {
  SessionRecord record;
  record.id = SessionId(5);
  record.last_used = LogIndex(1000);
  record.first_unanswered = 7;
  CommandResult given;
  given.index = LogIndex(1000);
  given.value = 300;
  given.reads_dropped = true;
  record.answers[10] = given;
  CommandResult refused;
  refused.index = LogIndex(1000);
  refused.status = absl::NotFoundError("");
  record.answers[9] = refused;
  CommandResult compared;
  compared.index = LogIndex(998);
  compared.succeeded = false;
  compared.reads = {"x", std::nullopt, ""};
  record.answers[7] = compared;
  return record;
}

FamilyRecord SomeFamily() { return {FamilyId(2), "f\xff"}; }

LocalIdentRecord SomeIdent() { return {1, StoreId(0x1122334455667788), 4}; }

RaftStateRecord SomeRaftState() {
  return {{Term(8), ReplicaId(3), LogIndex(1000)}, {LogIndex(1001), Term(8)}};
}

// The bytes were worked out by a second implementation.
constexpr std::string_view kApplyStateHex =
    "017269fb9f0a0508e80710071108070605040302011a05088407100620032802";
constexpr std::string_view kFreshApplyStateHex = "01a62e095a0a001a002801";
constexpr std::string_view kRegionHex =
    "018531ccb008011009180520012a0f0a040102ac02120201021a010428013215080111"
    "b2a10000000000001a036f6e652203683a31320608ac021a01ff";
constexpr std::string_view kTombstoneHex = "01b4985ca8080210092a00";
constexpr std::string_view kSessionHex =
    "013d9d2095080510e80718072212080710e607200132030a0178320032020a00220708"
    "0910e8071805220a080a10e80728ac023801";
constexpr std::string_view kFamilyHex = "012d922aef0802120266ff";
constexpr std::string_view kIdentHex = "01cf28005a08011188776655443322111804";
constexpr std::string_view kRaftStateHex =
    "01ccb771e80808100318e807220508e9071008";

TEST(RecordsTest, HaveTheBytesThatTheFormatPromises) {
  EXPECT_EQ(Hex(EncodeRecord(SomeApplyState())), kApplyStateHex);
  EXPECT_EQ(Hex(EncodeRecord(ApplyStateRecord{})), kFreshApplyStateHex);
  EXPECT_EQ(Hex(EncodeRecord(SomeRegion())), kRegionHex);
  RegionRecord removed;
  removed.phase = RegionPhase::kTombstone;
  removed.group = GroupId(9);
  EXPECT_EQ(Hex(EncodeRecord(removed)), kTombstoneHex);
  EXPECT_EQ(Hex(EncodeRecord(SomeSession())), kSessionHex);
  EXPECT_EQ(Hex(EncodeRecord(SomeFamily())), kFamilyHex);
  EXPECT_EQ(Hex(EncodeRecord(SomeIdent())), kIdentHex);
  EXPECT_EQ(Hex(EncodeRecord(SomeRaftState())), kRaftStateHex);
}

template <typename Record, typename Decode>
void ExpectComesBack(const Record& record, std::string_view hex,
                     const Decode& decode) {
  const auto decoded = decode(FromHex(hex));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, record);
}

TEST(RecordsTest, ComeBackAsWhatTheyWere) {
  ExpectComesBack(SomeApplyState(), kApplyStateHex, DecodeApplyState);
  ExpectComesBack(ApplyStateRecord{}, kFreshApplyStateHex, DecodeApplyState);
  ExpectComesBack(SomeRegion(), kRegionHex, DecodeRegion);
  ExpectComesBack(SomeSession(), kSessionHex, DecodeSession);
  ExpectComesBack(SomeFamily(), kFamilyHex, DecodeFamily);
  ExpectComesBack(SomeIdent(), kIdentHex, DecodeLocalIdent);
  ExpectComesBack(SomeRaftState(), kRaftStateHex, DecodeRaftState);
}

TEST(RecordsTest, HoldTheLargestNumbers) {
  const SessionRecord session = {
      SessionId(kMax64), LogIndex(kMax64), kMax64, {}};
  const auto decoded = DecodeSession(EncodeRecord(session));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, session);
}

TEST(RecordsTest, KeepEveryKindOfRefusal) {
  SessionRecord session = SomeSession();
  for (int code = 0; code <= 16; ++code) {
    session.answers[100].status =
        absl::Status(static_cast<absl::StatusCode>(code), "");
    const auto decoded = DecodeSession(EncodeRecord(session));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->answers.at(100).status, session.answers[100].status);
  }
}

// Texts may differ between versions, and records are compared.
TEST(RecordsTest, KeepOfAStatusTheCodeOnly) {
  SessionRecord session = SomeSession();
  session.answers[100].status =
      WithOutcome(absl::NotFoundError("no"), WriteOutcome::kNotApplied);
  const auto decoded = DecodeSession(EncodeRecord(session));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->answers.at(100).status, absl::NotFoundError(""));
}

// ---- Damage ----

struct Stored {
  RecordKind kind;
  std::string bytes;
};

std::vector<Stored> OneOfEach() {
  return {{RecordKind::kApplyState, FromHex(kApplyStateHex)},
          {RecordKind::kRegionState, FromHex(kRegionHex)},
          {RecordKind::kSession, FromHex(kSessionHex)},
          {RecordKind::kFamily, FromHex(kFamilyHex)},
          {RecordKind::kLocalIdent, FromHex(kIdentHex)},
          {RecordKind::kRaftState, FromHex(kRaftStateHex)}};
}

absl::Status Decode(RecordKind kind, std::string_view bytes) {
  switch (kind) {
    case RecordKind::kApplyState:
      return DecodeApplyState(bytes).status();
    case RecordKind::kRegionState:
      return DecodeRegion(bytes).status();
    case RecordKind::kSession:
      return DecodeSession(bytes).status();
    case RecordKind::kFamily:
      return DecodeFamily(bytes).status();
    case RecordKind::kLocalIdent:
      return DecodeLocalIdent(bytes).status();
    case RecordKind::kRaftState:
      return DecodeRaftState(bytes).status();
  }
  return absl::UnimplementedError("no such kind");
}

TEST(RecordsTest, EveryFlippedBitIsNoticedAndNamed) {
  for (const auto& [kind, bytes] : OneOfEach()) {
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      const absl::Status status = Decode(kind, damaged);
      ASSERT_TRUE(IsCorruption(status)) << "bit " << bit << ": " << status;
      ASSERT_THAT(ToText(status),
                  HasSubstr(std::string(RecordKindName(kind)) + " record"));
    }
  }
}

TEST(RecordsTest, EveryRecordCutShortIsNoticed) {
  for (const auto& [kind, bytes] : OneOfEach()) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_TRUE(IsCorruption(Decode(kind, bytes.substr(0, size)))) << size;
    }
    EXPECT_TRUE(IsCorruption(Decode(kind, bytes + '\0')));
  }
}

TEST(RecordsTest, RecordUnderTheKeyOfAnotherKindIsNoticed) {
  for (const auto& [kind, bytes] : OneOfEach()) {
    for (const auto& [other, unused] : OneOfEach()) {
      EXPECT_EQ(Decode(other, bytes).ok(), other == kind);
    }
  }
}

TEST(RecordsTest, IntactRecordOfALaterVersionIsRefusedByVersion) {
  // The frame of version 1 with 2 for its version, and the checksum of that.
  const std::string later = FromHex("0215f17f130802");
  const absl::Status status = DecodeFamily(later).status();
  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_EQ(ToText(status),
            "family record has format version 2; this program reads version 1");
}

TEST(RecordsTest, SecondEncodingOfTheSameRecordIsRefused) {
  for (const std::string_view body : {
           "08021201661801",  // a field that nobody knows
           "1201660802",      // fields out of order
           "080108021201"
           "66"  // a field twice
       }) {
    const std::string framed = FrameRecord(RecordKind::kFamily, FromHex(body));
    EXPECT_TRUE(IsCorruption(DecodeFamily(framed).status())) << body;
  }
}

// ---- What no writer writes ----

TEST(RecordsTest, RecordThatBreaksARuleIsRefused) {
  const auto framed = [](RecordKind kind, std::string_view body) {
    return FrameRecord(kind, FromHex(body));
  };
  for (const std::string_view body : {
           "0a001a00",              // no default family
           "0a0208011a002801",      // an index without a term
           "0a001a04080110012801",  // truncated beyond applied
       }) {
    const std::string bytes = framed(RecordKind::kApplyState, body);
    EXPECT_TRUE(IsCorruption(DecodeApplyState(bytes).status())) << body;
  }
  for (const std::string_view body : {
           "10092a00",                // no phase
           "080310092a00",            // an unknown phase
           "08012a00",                // group 0
           "080110092a040a020201",    // voters out of order
           "080110092a0032031a016e",  // member 0
           // Members out of order, and one twice.
           "080110092a003202080232020801",
           "080110092a003202080132020801",
       }) {
    const std::string bytes = framed(RecordKind::kRegionState, body);
    EXPECT_TRUE(IsCorruption(DecodeRegion(bytes).status())) << body;
  }
  for (const std::string_view body : {
           "1801",                      // session 0
           "0801",                      // sequence 0
           "08011802220408011001",      // an answer below first_unanswered
           "080118012202080222020801",  // answers out of order
           "080118012202080122020801",  // an answer twice
           "08011801220408011811"       // a code that does not exist
       }) {
    const std::string bytes = framed(RecordKind::kSession, body);
    EXPECT_TRUE(IsCorruption(DecodeSession(bytes).status())) << body;
  }
  EXPECT_TRUE(
      IsCorruption(DecodeFamily(framed(RecordKind::kFamily, "0802")).status()));
  EXPECT_TRUE(IsCorruption(
      DecodeLocalIdent(framed(RecordKind::kLocalIdent, "0801")).status()));
  EXPECT_TRUE(IsCorruption(
      DecodeRaftState(framed(RecordKind::kRaftState, "22021001")).status()));
}

TEST(RecordsTest, SessionBeyondItsLimitsIsRefused) {
  // The session, and answers that say nothing but their sequences.
  const auto with_answers = [](size_t count) {
    std::string body = FromHex("08011801");
    for (size_t sequence = 1; sequence <= count; ++sequence) {
      std::string answer = FromHex("08");
      ByteWriter(answer).WriteVarint64(sequence);
      ByteWriter(body).WriteU8(0x22);
      ByteWriter(body).WriteVarint64(answer.size());
      body += answer;
    }
    return FrameRecord(RecordKind::kSession, body);
  };
  // The session, and one answer with one read.
  const auto with_read = [](size_t bytes) {
    std::string read = FromHex("0a");
    ByteWriter(read).WriteVarint64(bytes);
    read.append(bytes, 'x');
    std::string answer = FromHex("080132");
    ByteWriter(answer).WriteVarint64(read.size());
    answer += read;
    std::string body = FromHex("0801180122");
    ByteWriter(body).WriteVarint64(answer.size());
    return FrameRecord(RecordKind::kSession, body + answer);
  };
  const size_t read_max = kSessionReadBytesMax - kReadOverheadBytes;
  EXPECT_TRUE(DecodeSession(with_answers(kSessionAnswersMax)).ok());
  EXPECT_TRUE(DecodeSession(with_read(read_max)).ok());
  EXPECT_TRUE(IsCorruption(
      DecodeSession(with_answers(kSessionAnswersMax + 1)).status()));
  EXPECT_TRUE(IsCorruption(DecodeSession(with_read(read_max + 1)).status()));
}

// It is written by hand, and decoding compares it with what protobuf makes.
TEST(RecordsTest, ApplyStateOfAnySizeHasTheOneEncoding) {
  const std::vector<uint64_t> numbers = {1,
                                         127,
                                         128,
                                         300,
                                         (1u << 14),
                                         (1u << 21),
                                         uint64_t{1} << 35,
                                         ~uint64_t{0} >> 1,
                                         ~uint64_t{0}};
  for (const uint64_t large : numbers) {
    for (const uint64_t small : {uint64_t{0}, uint64_t{1}, large}) {
      ApplyStateRecord record;
      record.state.applied = {{LogIndex(large), Term(large)},
                              ChainValue{small << 8 | 7}};
      if (small > 0) record.state.truncated = {LogIndex(small), Term(1)};
      record.last_session = SessionId(small);
      record.last_family = FamilyId(large);
      const auto decoded = DecodeApplyState(EncodeRecord(record));
      ASSERT_TRUE(decoded.ok()) << decoded.status() << " for " << large;
      EXPECT_EQ(*decoded, record);
    }
  }
}

TEST(RecordsDeathTest, EncodingWhatCannotBeIsAProgrammersError) {
  ApplyStateRecord record = SomeApplyState();
  record.state.truncated = {LogIndex(1001), Term(7)};
  EXPECT_DEATH(EncodeRecord(record), "truncated beyond applied");
}

TEST(RecordsTest, TableOfAnotherFormatIsRefusedByVersion) {
  LocalIdentRecord ident = SomeIdent();
  EXPECT_TRUE(CheckTableFormat(ident).ok());
  ident.format_version = 2;
  const absl::Status status = CheckTableFormat(ident);
  EXPECT_TRUE(IsNewerFormat(status)) << status;
  EXPECT_EQ(ToText(status),
            "the table of generation 4 has format version 2; this program "
            "reads version 1");
}

}  // namespace
}  // namespace trimaran::engine
