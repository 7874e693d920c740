// Goal: the state machine on WiredTiger meets the limits that chance does not
// reach exactly where the model does, and after a crash as well.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/conf_state.h"
#include "engine/format/command.h"
#include "engine/format/limits.h"
#include "gtest/gtest.h"
#include "tests/engine/conformance/state_comparison.h"
#include "tests/engine/conformance/wt_state_subject.h"

namespace trimaran::engine {
namespace {

class WtStateLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(comparison_.Start(), absl::OkStatus()); }

  // As many entries as it takes. The command may point to `text`, which it is
  // handed to write on.
  using Maker = std::function<Command(size_t number, std::string& text)>;
  void ApplyMany(size_t count, const Maker& make) {
    EntryEncoder encoder;
    for (size_t number = 0; number < count; ++number) {
      std::string text;
      const Command command = make(number, text);
      absl::Status status = encoder.Add(command);
      if (status.code() == absl::StatusCode::kResourceExhausted) {
        ApplyPayload(encoder.Take());
        status = encoder.Add(command);
      }
      TRIMARAN_CHECK(status.ok()) << status.ToString();
    }
    ApplyPayload(encoder.Take());
  }
  void Apply(const Command& command) {
    ApplyMany(1, [&command](size_t, std::string&) { return command; });
  }
  void ApplyPayload(std::string payload) {
    const LogIndex index = comparison_.state().progress.applied.id.index + 1;
    const std::vector<CommittedEntry> entries = {
        {{index, Term(1), EntryType::kNormal, Payload(payload)}, std::nullopt}};
    ASSERT_EQ(comparison_.Apply(entries), absl::OkStatus());
  }
  void ApplyConf(ConfState conf) {
    const LogIndex index = comparison_.state().progress.applied.id.index + 1;
    const std::vector<CommittedEntry> entries = {
        {{index, Term(1), EntryType::kConfChange, Payload()}, std::move(conf)}};
    ASSERT_EQ(comparison_.Apply(entries), absl::OkStatus());
  }
  static Command Stamped(uint64_t sequence, uint64_t first_unanswered) {
    return {SessionStamp{SessionId(1), sequence, first_unanswered},
            WriteCommand{}};
  }

  WtStateSubject subject_;
  StateComparison comparison_{subject_, 1};
};

TEST_F(WtStateLimitsTest, SessionsMakeRoomInTheSameOrder) {
  ApplyMany(kSessionsMax, [](size_t, std::string&) {
    return Command{std::nullopt, OpenSessionCommand{}};
  });
  Apply(Stamped(1, 1));
  ApplyMany(1500, [](size_t, std::string&) {
    return Command{std::nullopt, OpenSessionCommand{}};
  });

  EXPECT_EQ(comparison_.state().sessions.size(), kSessionsMax);
  EXPECT_EQ(comparison_.CompareStream(), absl::OkStatus());
}

TEST_F(WtStateLimitsTest, AnswersOfASession) {
  Apply({std::nullopt, OpenSessionCommand{}});
  ApplyMany(kSessionAnswersMax + 1,
            [](size_t number, std::string&) { return Stamped(number + 1, 1); });
  Apply(Stamped(kSessionAnswersMax + 1, 3));

  EXPECT_EQ(comparison_.state().sessions.at(SessionId(1)).answers.size(),
            kSessionAnswersMax - 1);
  EXPECT_EQ(comparison_.CompareStream(), absl::OkStatus());
}

TEST_F(WtStateLimitsTest, FamiliesAndMembers) {
  ApplyMany(kFamiliesMax, [](size_t number, std::string& text) {
    text = absl::StrCat("family ", number);
    return Command{std::nullopt, CreateFamilyCommand{text}};
  });
  ApplyMany(kMembersMax + 1, [](size_t number, std::string&) {
    return Command{std::nullopt,
                   SetMemberCommand{ReplicaId(number + 1), 0, "", ""}};
  });
  // All but the first are members, the second of them is the first that leaves.
  ConfState conf;
  for (size_t number = 2; number <= kMembersMax + 1; ++number) {
    conf.voters.push_back(ReplicaId(number));
  }
  ApplyConf(conf);
  ApplyMany(kMembersMax, [](size_t number, std::string&) {
    return Command{std::nullopt,
                   SetMemberCommand{ReplicaId(number + 1), number, "", ""}};
  });
  conf.voters.erase(conf.voters.begin());
  ApplyConf(conf);
  ApplyMany(2, [](size_t number, std::string&) {
    return Command{std::nullopt,
                   SetMemberCommand{ReplicaId(1000 + number), 0, "", ""}};
  });

  EXPECT_EQ(comparison_.state().families.size(), kFamiliesMax);
  EXPECT_EQ(comparison_.state().region.members.size(), kMembersMax);
  EXPECT_EQ(comparison_.CompareStream(), absl::OkStatus());
}

// Nothing of term 0 can be written down as applied.
TEST_F(WtStateLimitsTest, FirstEntryIsNotOfTermZero) {
  const std::vector<CommittedEntry> entries = {
      {{LogIndex(1), Term(0), EntryType::kNormal, Payload()}, std::nullopt}};

  ASSERT_EQ(comparison_.Apply(entries), absl::OkStatus());

  EXPECT_EQ(comparison_.state().progress.applied.id.index, LogIndex(0));
  EXPECT_EQ(comparison_.CompareStream(), absl::OkStatus());
}

TEST_F(WtStateLimitsTest, ReadsThatAreTooLongForASession) {
  Apply({std::nullopt, OpenSessionCommand{}});
  const std::string value(kSessionReadBytesMax - kReadOverheadBytes, 'v');
  Apply({std::nullopt,
         WriteCommand{{}, {PutOp{kDefaultFamily, "k", value}}, {}}});
  for (uint64_t sequence = 1; sequence <= 2; ++sequence) {
    Command command = Stamped(sequence, 1);
    auto& write = std::get<WriteCommand>(command.body);
    for (uint64_t n = 0; n < sequence; ++n) {
      write.operations.push_back(GetOp{kDefaultFamily, "k"});
    }
    Apply(command);
    Apply(command);
  }
  EXPECT_EQ(comparison_.CompareStream(), absl::OkStatus());
}

}  // namespace
}  // namespace trimaran::engine
