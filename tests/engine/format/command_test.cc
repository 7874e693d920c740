// Goal: each command has the bytes that the format promises and comes back as
// what it was; the limits hold for who writes and for who reads; and bytes that
// no encoder makes are refused.

#include "engine/format/command.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/errors.h"
#include "engine/format/entry_decoder.h"
#include "engine/format/limits.h"
#include "gtest/gtest.h"

namespace trimaran::engine {
namespace {

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();
constexpr FamilyId kFamily{2};

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}
std::string FromHex(std::string_view hex) {
  return absl::HexStringToBytes({hex.data(), hex.size()});
}

Command Write(std::vector<Operation> operations) {
  return {{}, WriteCommand{{}, std::move(operations), {}}};
}

// The payload of these commands, which must be valid.
std::string Encode(const std::vector<Command>& commands) {
  EntryEncoder encoder;
  for (const Command& command : commands) {
    const absl::Status added = encoder.Add(command);
    EXPECT_TRUE(added.ok()) << added << " " << DebugString(command);
  }
  return encoder.Take();
}

// One command of each kind, with a bit of everything that it can hold.
std::vector<std::pair<Command, std::string>> GoldenCommands() {
  return {
      {Write({}), "0100"},
      {Write({PutOp{kDefaultFamily, "key", "value"}}),
       "01010101036b65790576616c7565"},
      {Write({DeleteOp{kFamily, "k"}, DeleteRangeOp{kFamily, "a", "b"},
              DeleteRangeOp{FamilyId(300), "", ""}, GetOp{kFamily, "k"}}),
       "01040202016b"
       "030201610162"
       "03ac020000"
       "0402016b"},
      {{SessionStamp{SessionId(5), 300, 298},
        WriteCommand{
            {{kFamily, "e", CompareKind::kExists, "", LogIndex()},
             {kFamily, "a", CompareKind::kAbsent, "", LogIndex()},
             {kFamily, "v", CompareKind::kValueEquals, "x", {}},
             {kFamily, "n", CompareKind::kVersionEquals, "", LogIndex(128)}},
            {PutOp{kDefaultFamily, "k", ""}},
            {GetOp{kDefaultFamily, "k"}}}},
       "8205ac0202"
       "040002016501020161020201760178"
       "0302016e8001"
       "010101016b00"
       "010401016b"},
      {{{}, OpenSessionCommand{}}, "03"},
      {{{}, CloseSessionCommand{SessionId(128)}}, "048001"},
      {{{}, CreateFamilyCommand{"f\xff"}}, "050266ff"},
      {{SessionStamp{SessionId(1), 1, 1}, DropFamilyCommand{"f"}},
       "86010100"
       "0166"},
      {{{}, CompactLogCommand{LogIndex(1000), Term(3)}}, "07e80703"},
      {{{}, SetMemberCommand{ReplicaId(3), 0x0102030405060708, "n", "a:1"}},
       "08030102030405060708016e03613a31"},
      {{{}, AuditCommand{ReplicaId(3), 0x0102030405060708}},
       "09030102030405060708"},
  };
}

TEST(CommandTest, EachKindHasTheBytesThatTheFormatPromises) {
  for (const auto& [command, hex] : GoldenCommands()) {
    EXPECT_EQ(Hex(Encode({command})), "01" + hex) << DebugString(command);
  }
}

TEST(CommandTest, EachKindComesBackAsWhatItWas) {
  for (const auto& [command, hex] : GoldenCommands()) {
    const std::string payload = FromHex("01" + hex);
    const auto commands = DecodeEntry(payload);
    ASSERT_TRUE(commands.ok()) << commands.status();
    ASSERT_EQ(commands->size(), 1u);
    EXPECT_EQ(commands->front(), command) << DebugString(command);
  }
}

TEST(CommandTest, CommandsOfOneEntryComeBackInOrder) {
  std::vector<Command> commands;
  for (const auto& [command, hex] : GoldenCommands()) {
    commands.push_back(command);
  }
  const std::string payload = Encode(commands);
  const auto decoded = DecodeEntry(payload);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, commands);
}

TEST(CommandTest, EmptyPayloadAsksNothing) {
  const auto commands = DecodeEntry("");
  ASSERT_TRUE(commands.ok());
  EXPECT_TRUE(commands->empty());
  EXPECT_EQ(EntryEncoder().Take(), "");
}

TEST(CommandTest, ViewsPointIntoThePayload) {
  const std::string payload = Encode({Write({PutOp{kFamily, "key", "value"}})});
  const auto commands = DecodeEntry(payload);
  ASSERT_TRUE(commands.ok());
  const auto& put = std::get<PutOp>(
      std::get<WriteCommand>(commands->front().body).operations.front());
  EXPECT_EQ(put.key.data(), payload.data() + payload.find("key"));
  EXPECT_EQ(put.value.data(), payload.data() + payload.find("value"));
}

// ---- The encoder ----

TEST(EntryEncoderTest, CountsAndStartsAnewWhenTaken) {
  EntryEncoder encoder;
  ASSERT_TRUE(encoder.Add(Write({GetOp{kFamily, "k"}})).ok());
  ASSERT_TRUE(encoder.Add(Write({GetOp{kFamily, "k"}})).ok());
  EXPECT_EQ(encoder.count(), 2u);
  const size_t size = encoder.size_bytes();
  EXPECT_EQ(encoder.Take().size(), size);

  EXPECT_EQ(encoder.count(), 0u);
  EXPECT_EQ(encoder.size_bytes(), 0u);
  ASSERT_TRUE(encoder.Add(Write({GetOp{kFamily, "k"}})).ok());
  EXPECT_EQ(Hex(encoder.Take()), "0101010402016b");
}

TEST(EntryEncoderTest, InvalidCommandAddsNothing) {
  EntryEncoder encoder;
  EXPECT_TRUE(
      absl::IsInvalidArgument(encoder.Add(Write({GetOp{kFamily, ""}}))));
  EXPECT_EQ(encoder.count(), 0u);
  EXPECT_EQ(encoder.Take(), "");
}

TEST(EntryEncoderTest, EncodedCommandsGiveTheSameBytes) {
  for (const auto& [command, golden] : GoldenCommands()) {
    Command bare = command;
    bare.stamp.reset();
    const absl::StatusOr<std::string> encoded = EncodeCommand(bare);
    ASSERT_TRUE(encoded.ok()) << encoded.status();
    EntryEncoder encoder;
    EXPECT_TRUE(encoder.AddEncoded(*encoded, command.stamp));
    EXPECT_EQ(Hex(encoder.Take()), "01" + golden) << DebugString(command);
  }
}

TEST(EntryEncoderTest, EncodedCommandsFillAnEntryAsOthersDo) {
  const absl::StatusOr<std::string> encoded = EncodeCommand(Write({}));
  ASSERT_TRUE(encoded.ok());
  EntryEncoder encoder;
  while (encoder.AddEncoded(*encoded, {})) continue;
  EXPECT_EQ(encoder.count(), kEntryCommandsMax);
  EXPECT_TRUE(DecodeEntry(encoder.Take()).ok());

  const std::string value(kEntryBytesTarget / 2, 'v');
  const absl::StatusOr<std::string> large =
      EncodeCommand(Write({PutOp{kFamily, "key", value}}));
  EXPECT_TRUE(encoder.AddEncoded(*large, {}));
  EXPECT_FALSE(encoder.AddEncoded(*large, SessionStamp{SessionId(1), 1, 1}));
  EXPECT_EQ(encoder.count(), 1U);
}

TEST(EncodeCommandTest, WhatCannotBeRepeatedWantsAStamp) {
  const auto wants = [](CommandBody body) {
    const auto encoded = EncodeCommand({{}, std::move(body)});
    return encoded.ok() && WantsStamp(*encoded);
  };
  EXPECT_TRUE(wants(WriteCommand{{}, {PutOp{kFamily, "k", "v"}}, {}}));
  Compare exists;
  exists.family = kFamily;
  exists.key = "k";
  EXPECT_TRUE(wants(WriteCommand{{exists}, {PutOp{kFamily, "k", "v"}}, {}}));
  EXPECT_TRUE(wants(CreateFamilyCommand{"name"}));
  EXPECT_TRUE(wants(DropFamilyCommand{"name"}));
  EXPECT_FALSE(wants(OpenSessionCommand{}));
  EXPECT_FALSE(wants(CloseSessionCommand{SessionId(1)}));
  EXPECT_FALSE(wants(CompactLogCommand{LogIndex(7), Term(1)}));
  EXPECT_TRUE(wants(SetMemberCommand{ReplicaId(1), 0, "", ""}));
  EXPECT_FALSE(wants(AuditCommand{ReplicaId(1), 7}));
}

TEST(EncodeCommandTest, RangeDeletionsAreFoundWhereverTheyAre) {
  const auto deletes = [](CommandBody body) {
    const auto encoded = EncodeCommand({{}, std::move(body)});
    return encoded.ok() && DeletesRanges(*encoded);
  };
  const std::vector<Operation> others = {
      PutOp{kFamily, "k", "v"}, DeleteOp{kFamily, "k"}, GetOp{kFamily, "k"}};
  std::vector<Operation> with = others;
  with.emplace_back(DeleteRangeOp{kFamily, "a", "b"});
  const std::vector<Compare> compares = {
      {kFamily, "k", CompareKind::kExists, "", LogIndex()},
      {kFamily, "k", CompareKind::kAbsent, "", LogIndex()},
      {kFamily, "k", CompareKind::kValueEquals, "\x03\x03", LogIndex()},
      {kFamily, "k", CompareKind::kVersionEquals, "", LogIndex(3)}};
  EXPECT_FALSE(deletes(WriteCommand{{}, {}, {}}));
  EXPECT_FALSE(deletes(WriteCommand{{}, others, {}}));
  EXPECT_TRUE(deletes(WriteCommand{{}, with, {}}));
  EXPECT_FALSE(deletes(WriteCommand{compares, others, others}));
  EXPECT_TRUE(deletes(WriteCommand{compares, with, others}));
  EXPECT_TRUE(deletes(WriteCommand{compares, others, with}));
  EXPECT_FALSE(deletes(OpenSessionCommand{}));
  EXPECT_FALSE(deletes(DropFamilyCommand{"\x03"}));
  EXPECT_FALSE(deletes(SetMemberCommand{ReplicaId(3), 3, "\x03", ""}));
}

TEST(EncodeCommandTest, RefusesWhatIsInvalidOrStamped) {
  EXPECT_EQ(EncodeCommand(Write({PutOp{kFamily, "", "v"}})).status().code(),
            absl::StatusCode::kInvalidArgument);
  Command stamped = Write({});
  stamped.stamp = SessionStamp{SessionId(1), 1, 1};
  EXPECT_EQ(EncodeCommand(stamped).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(EntryEncoderTest, EntryIsFullAtItsBytes) {
  // 1 version; 9 around the key and the value of each command.
  const std::string value(kEntryBytesTarget / 2 - 11, 'v');
  const Command command = Write({PutOp{kFamily, "k", value}});
  EntryEncoder encoder;
  ASSERT_TRUE(encoder.Add(command).ok());
  ASSERT_TRUE(encoder.Add(command).ok());
  const size_t room = kEntryBytesTarget - encoder.size_bytes();
  ASSERT_EQ(room, 3u);
  EXPECT_TRUE(absl::IsResourceExhausted(
      encoder.Add({{}, CompactLogCommand{LogIndex(128), Term(1)}})));
  EXPECT_TRUE(
      encoder.Add({{}, CompactLogCommand{LogIndex(127), Term(1)}}).ok());
  EXPECT_EQ(encoder.size_bytes(), kEntryBytesTarget);
  EXPECT_TRUE(
      absl::IsResourceExhausted(encoder.Add({{}, OpenSessionCommand{}})));
  EXPECT_TRUE(DecodeEntry(encoder.Take()).ok());
}

TEST(EntryEncoderTest, EntryIsFullAtItsCommands) {
  EntryEncoder encoder;
  for (size_t i = 0; i < kEntryCommandsMax; ++i) {
    ASSERT_TRUE(encoder.Add({{}, OpenSessionCommand{}}).ok());
  }
  EXPECT_TRUE(
      absl::IsResourceExhausted(encoder.Add({{}, OpenSessionCommand{}})));
  const std::string payload = encoder.Take();
  EXPECT_TRUE(DecodeEntry(payload).ok());
  EXPECT_TRUE(IsCorruption(DecodeEntry(payload + "\x03").status()));
}

TEST(EntryEncoderTest, LargeCommandFitsAnEmptyEntryAndIsAloneThere) {
  const std::string value(kEntryBytesTarget, 'v');
  EntryEncoder encoder;
  ASSERT_TRUE(encoder.Add(Write({PutOp{kFamily, "k", value}})).ok());
  EXPECT_TRUE(
      absl::IsResourceExhausted(encoder.Add({{}, OpenSessionCommand{}})));
  const std::string payload = encoder.Take();
  EXPECT_TRUE(DecodeEntry(payload).ok());
  EXPECT_TRUE(IsCorruption(DecodeEntry(payload + "\x03").status()));
}

TEST(EntryEncoderTest, RefusesACommandOverItsLimitOfBytes) {
  const std::string value(kValueBytesMax, 'v');
  EntryEncoder encoder;
  const absl::Status added = encoder.Add(
      Write({PutOp{kFamily, "a", value}, PutOp{kFamily, "b", value}}));
  EXPECT_TRUE(absl::IsInvalidArgument(added)) << added;
  EXPECT_EQ(encoder.size_bytes(), 0u);
  EXPECT_TRUE(encoder.Add(Write({PutOp{kFamily, "a", value}})).ok());
}

// ---- What is valid ----

TEST(ValidateCommandTest, HoldsTheLimitsOfSizes) {
  const std::string key(kKeyBytesMax, 'k');
  const std::string value(kValueBytesMax, 'v');
  EXPECT_TRUE(ValidateCommand(Write({PutOp{kFamily, key, value}})).ok());
  const absl::Status long_key =
      ValidateCommand(Write({PutOp{kFamily, key + "k", ""}}));
  EXPECT_EQ(long_key.message(), "a key of 1025 bytes; the limit is 1024");
  const absl::Status long_value =
      ValidateCommand(Write({PutOp{kFamily, "k", value + "v"}}));
  EXPECT_EQ(long_value.message(),
            "a value of 16777217 bytes; the limit is 16777216");
}

TEST(ValidateCommandTest, HoldsTheLimitOfOperations) {
  WriteCommand write;
  write.compares.resize(1, {kFamily, "k", CompareKind::kExists, "", {}});
  write.operations.resize(kOperationsMax - 2, GetOp{kFamily, "k"});
  write.otherwise.resize(1, GetOp{kFamily, "k"});
  EXPECT_TRUE(ValidateCommand({{}, write}).ok());
  write.otherwise.resize(2, GetOp{kFamily, "k"});
  EXPECT_TRUE(absl::IsInvalidArgument(ValidateCommand({{}, write})));
}

std::vector<Command> InvalidCommands() {
  static const std::string long_name(kMemberAddressBytesMax + 1, 'n');
  static const std::string long_key(kKeyBytesMax + 1, 'k');
  const auto compare = [](Compare one) {
    return Command{{}, WriteCommand{{one}, {}, {}}};
  };
  const auto stamped = [](SessionStamp stamp) {
    return Command{stamp, DropFamilyCommand{"f"}};
  };
  return {
      Write({PutOp{kFamily, "", "v"}}),
      Write({DeleteOp{kFamily, ""}}),
      Write({GetOp{FamilyId(), "k"}}),
      Write({DeleteRangeOp{FamilyId(), "a", "b"}}),
      Write({DeleteRangeOp{kFamily, "b", "a"}}),
      Write({DeleteRangeOp{kFamily, "", long_key}}),
      compare({FamilyId(), "k", CompareKind::kExists, "", {}}),
      compare({kFamily, "", CompareKind::kExists, "", {}}),
      compare({kFamily, "k", CompareKind::kExists, "v", {}}),
      compare({kFamily, "k", CompareKind::kValueEquals, "v", LogIndex(1)}),
      compare({kFamily, "k", static_cast<CompareKind>(4), "", {}}),
      {{}, WriteCommand{{}, {}, {GetOp{kFamily, "k"}}}},
      {{}, CloseSessionCommand{}},
      {{}, CreateFamilyCommand{""}},
      {{}, DropFamilyCommand{long_name}},
      {{}, CompactLogCommand{LogIndex(), Term(1)}},
      {{}, CompactLogCommand{LogIndex(1), Term()}},
      {{}, SetMemberCommand{kNoReplica, 1, "n", "a"}},
      {{}, AuditCommand{kNoReplica, 1}},
      {{}, SetMemberCommand{ReplicaId(1), 1, long_name, "a"}},
      {{}, SetMemberCommand{ReplicaId(1), 1, "n", long_name}},
      stamped({SessionId(), 1, 1}),
      stamped({SessionId(1), 0, 0}),
      stamped({SessionId(1), 5, 6}),
      stamped({SessionId(1), 5, 0}),
      {SessionStamp{SessionId(1), 1, 1}, OpenSessionCommand{}},
      {SessionStamp{SessionId(1), 1, 1}, CloseSessionCommand{SessionId(1)}},
  };
}

TEST(ValidateCommandTest, RefusesWhatBreaksARule) {
  for (const Command& command : InvalidCommands()) {
    EXPECT_TRUE(absl::IsInvalidArgument(ValidateCommand(command)))
        << DebugString(command);
  }
}

TEST(ValidateCommandTest, TakesWhatIsAtTheEdge) {
  const std::string key(kKeyBytesMax, 'k');
  EXPECT_TRUE(ValidateCommand(Write({DeleteRangeOp{kFamily, "", ""}})).ok());
  EXPECT_TRUE(ValidateCommand(Write({DeleteRangeOp{kFamily, "a", "a"}})).ok());
  EXPECT_TRUE(ValidateCommand(Write({DeleteRangeOp{kFamily, key, key}})).ok());
  EXPECT_TRUE(
      ValidateCommand({SessionStamp{SessionId(kMax64), kMax64, 1}, {}}).ok());
  EXPECT_TRUE(
      ValidateCommand({{}, SetMemberCommand{ReplicaId(1), 0, "", ""}}).ok());
}

// ---- What no encoder makes ----

TEST(DecodeEntryTest, RefusesWhatNoEncoderMakes) {
  for (const std::string_view hex : {
           "00",                    // another version
           "00010101016b00",        // version 0
           "01",                    // a version and no command
           "0100", "010a",          // unknown kinds
           "0183",                  // a stamp on a command without
           "0102",                  // cut off
           "01020001010401016b00",  // a transaction without compares
           "010101ff01016b",        // an unknown operation
           "010100ff",              // something behind the last command
           "0101810004",            // a number longer than it need be
           "010101010001006b",      // likewise the length of a key
           "0104",                  // no session
           "010400",                // session 0
           "0101010400016b",        // family 0
           "01010104010400",        // a key beyond the end
           "018601050501",          // first unanswered 0
           "0186010506",            // first unanswered below 0
       }) {
    const auto commands = DecodeEntry(FromHex(hex));
    EXPECT_TRUE(IsCorruption(commands.status())) << hex;
  }
}

TEST(DecodeEntryTest, LaterVersionIsRefusedByVersion) {
  const auto commands = DecodeEntry(FromHex("0203"));
  EXPECT_TRUE(IsNewerFormat(commands.status())) << commands.status();
  EXPECT_EQ(commands.status().message(),
            "entry payload has format version 2; this program reads version 1");
}

TEST(DecodeEntryTest, RefusesEveryCommandCutShort) {
  for (const auto& [command, hex] : GoldenCommands()) {
    const std::string payload = FromHex("01" + hex);
    for (size_t size = 1; size < payload.size(); ++size) {
      const auto commands = DecodeEntry(payload.substr(0, size));
      EXPECT_TRUE(IsCorruption(commands.status()))
          << DebugString(command) << " at " << size;
    }
  }
}

// A count is held against what is there before memory is taken for it.
TEST(DecodeEntryTest, RefusesCountsThatCannotBe) {
  EXPECT_TRUE(IsCorruption(DecodeEntry(FromHex("0101ffff03")).status()));
  EXPECT_TRUE(IsCorruption(DecodeEntry(FromHex("0102ffff03")).status()));
  std::string many = FromHex("01018180");
  many += '\x04';
  many.append(4 * (kOperationsMax + 1), '\x01');
  EXPECT_TRUE(IsCorruption(DecodeEntry(many).status()));
}

TEST(DecodeEntryTest, HoldsTheLimitsThatTheWriterHolds) {
  const std::string long_key(kKeyBytesMax + 1, 'k');
  const std::string payload =
      FromHex("010101") + FromHex("0401") + FromHex("8108") + long_key;
  EXPECT_TRUE(IsCorruption(DecodeEntry(payload).status()));
}

TEST(DecodeEntryTest, SaysWhereAndWhat) {
  const std::string payload =
      Encode({{{}, OpenSessionCommand{}}}) + FromHex("40");
  const auto commands = DecodeEntry(payload);
  EXPECT_EQ(commands.status().message(),
            "entry payload of 3 bytes, command 2, before byte 3: unknown kind "
            "of command");
}

TEST(EntryDecoderTest, GivesTheCommandsBeforeTheDamageAndThenTheError) {
  const std::string payload =
      Encode({{{}, OpenSessionCommand{}}}) + FromHex("40");
  EntryDecoder decoder(payload);
  Command command;
  EXPECT_TRUE(decoder.Next(command));
  EXPECT_TRUE(decoder.status().ok());
  EXPECT_EQ(decoder.count(), 1u);
  EXPECT_FALSE(decoder.Next(command));
  EXPECT_TRUE(IsCorruption(decoder.status()));
  EXPECT_FALSE(decoder.Next(command));
}

TEST(EntryDecoderTest, NothingOfACommandIsLeftInTheNext) {
  const Command long_one = {
      SessionStamp{SessionId(1), 2, 1},
      WriteCommand{{{kFamily, "k", CompareKind::kValueEquals, "v", {}}},
                   {PutOp{kFamily, "k", "v"}, PutOp{kFamily, "l", "v"}},
                   {DeleteOp{kFamily, "k"}}}};
  const std::vector<Command> commands = {
      long_one,
      {{},
       WriteCommand{{{kFamily, "k", CompareKind::kExists, "", {}}}, {}, {}}},
      Write({GetOp{kFamily, "k"}}),
      {{}, OpenSessionCommand{}},
      Write({}),
      long_one};
  const std::string payload = Encode(commands);

  EntryDecoder decoder(payload);
  Command command;
  for (const Command& expected : commands) {
    ASSERT_TRUE(decoder.Next(command)) << decoder.status();
    EXPECT_EQ(command, expected) << DebugString(expected);
  }
  EXPECT_FALSE(decoder.Next(command));
}

TEST(CommandDebugStringTest, DescribesCommandsForPeople) {
  EXPECT_EQ(DebugString(Write({PutOp{kDefaultFamily, "k\n", "abc"},
                               DeleteRangeOp{kFamily, "a", ""}})),
            "put cf=1 \"k\\n\" (3 bytes), delete-range cf=2 \"a\" to the end");
  EXPECT_EQ(
      DebugString({SessionStamp{SessionId(7), 9, 8},
                   WriteCommand{{{kFamily, "k", CompareKind::kVersionEquals, "",
                                  LogIndex(4)}},
                                {},
                                {GetOp{kFamily, "k"}}}}),
      "if version cf=2 \"k\" = 4 then nothing else get cf=2 \"k\" "
      "[session 7 #9, from #8]");
  EXPECT_EQ(DebugString({{}, CompactLogCommand{LogIndex(10), Term(2)}}),
            "compact-log 10/2");
  EXPECT_EQ(DebugString({{}, AuditCommand{ReplicaId(3), 7}}), "audit for 3 #7");
}

}  // namespace
}  // namespace trimaran::engine
