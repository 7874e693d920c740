// Goal: a transaction is done as a whole or not at all, sees nobody else in
// between, and fails when what it watches has changed; and clients that count
// at one row count right. Method: several clients at one replica, in an order
// that the test decides, and several threads.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "tests/serve/talker.h"

namespace trimaran::serve {
namespace {

class TransactionTest : public testing::Test {
 protected:
  SmallServer server_;
  Talker first_{server_};
  Talker second_{server_};
};

TEST_F(TransactionTest, CommandsAreDoneTogether) {
  EXPECT_EQ(first_.Say("MULTI\r\nSET a 1\r\nINCR a\r\nGET a\r\nPING\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n");
  EXPECT_EQ(second_.Say("GET a\r\n"), "$-1\r\n");
  EXPECT_EQ(first_.Say("EXEC\r\n"), "*4\r\n+OK\r\n:2\r\n$1\r\n2\r\n+PONG\r\n");
  EXPECT_EQ(second_.Say("GET a\r\n"), "$1\r\n2\r\n");
}

TEST_F(TransactionTest, KindsOfCommands) {
  EXPECT_EQ(first_.Say("MULTI\r\nEXEC\r\n"), "+OK\r\n*0\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nPING\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nSET a 1\r\nSET b 2\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nGET a\r\nMGET a b\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$1\r\n1\r\n*2\r\n$1\r\n1\r\n"
            "$1\r\n2\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nFLUSHALL\r\nEXISTS a b\r\nSETNX a 3\r\n"
                       "EXEC\r\nGET a\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n:0\r\n:1\r\n"
            "$1\r\n3\r\n");
}

TEST_F(TransactionTest, ErrorOfOneCommandStopsNoOther) {
  EXPECT_EQ(first_.Say("SET s word\r\nMULTI\r\nINCR s\r\nSET a 1\r\nEXEC\r\n"),
            "+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
            "-ERR value is not an integer or out of range\r\n+OK\r\n");
  EXPECT_EQ(first_.Say("GET a\r\n"), "$1\r\n1\r\n");
}

TEST_F(TransactionTest, WhatCannotBeQueuedAborts) {
  EXPECT_EQ(first_.Say("MULTI\r\nSET a 1\r\nFOO\r\nEXEC\r\nGET a\r\n"),
            "+OK\r\n+QUEUED\r\n"
            "-ERR unknown command 'FOO', with args beginning with: \r\n"
            "-EXECABORT Transaction discarded because of previous errors.\r\n"
            "$-1\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nKEYS *\r\nCLIENT ID\r\nEXEC\r\n"),
            "+OK\r\n-ERR 'keys' inside MULTI is not supported\r\n"
            "-ERR 'client' inside MULTI is not supported\r\n"
            "-EXECABORT Transaction discarded because of previous errors.\r\n");
}

TEST_F(TransactionTest, WordsInTheWrongPlace) {
  EXPECT_EQ(first_.Say("EXEC\r\nDISCARD\r\n"),
            "-ERR EXEC without MULTI\r\n-ERR DISCARD without MULTI\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nMULTI\r\nWATCH a\r\nDISCARD\r\n"),
            "+OK\r\n-ERR MULTI calls can not be nested\r\n"
            "-ERR WATCH inside MULTI is not allowed\r\n+OK\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nSET a 1\r\nDISCARD\r\nGET a\r\n"),
            "+OK\r\n+QUEUED\r\n+OK\r\n$-1\r\n");
}

TEST_F(TransactionTest, WatchedRowThatStaysLetsItPass) {
  first_.Say("SET a 1\r\nSET b 1\r\n");
  EXPECT_EQ(first_.Say("WATCH a missing\r\nMULTI\r\nINCR a\r\nEXEC\r\n"),
            "+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n:2\r\n");
  // EXEC has ended that.
  second_.Say("SET missing 1\r\n");
  EXPECT_EQ(first_.Say("MULTI\r\nINCR a\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n*1\r\n:3\r\n");
}

TEST_F(TransactionTest, WatchedRowThatChangesStopsIt) {
  struct Case {
    std::string_view before;
    std::string_view change;
  };
  constexpr Case cases[] = {
      {"SET a 1\r\n", "SET a 2\r\n"},
      // The same value is a change as well.
      {"SET a 1\r\n", "SET a 1\r\n"},
      {"SET a 1\r\n", "DEL a\r\n"},
      {"SET a 1\r\n", "FLUSHALL\r\n"},
      {"DEL a\r\n", "SET a 1\r\n"},
      {"SET a 1\r\n", "DEL a\r\nSET a 1\r\n"},
  };
  for (const Case& each : cases) {
    first_.Say(each.before);
    EXPECT_EQ(first_.Say("WATCH a\r\nMULTI\r\nSET b 1\r\n"),
              "+OK\r\n+OK\r\n+QUEUED\r\n");
    second_.Say(each.change);
    EXPECT_EQ(first_.Say("EXEC\r\n"), "*-1\r\n") << each.change;
  }
  // Also by the client itself, before MULTI.
  EXPECT_EQ(first_.Say("WATCH a\r\nSET a 5\r\nMULTI\r\nEXEC\r\n"),
            "+OK\r\n+OK\r\n+OK\r\n*-1\r\n");
  EXPECT_EQ(first_.Say("WATCH a\r\nSET a 5\r\nUNWATCH\r\nMULTI\r\nGET a\r\n"
                       "EXEC\r\n"),
            "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n$1\r\n5\r\n");
}

TEST_F(TransactionTest, WatchedAbsenceThatWasInterruptedStopsIt) {
  constexpr std::string_view begin = "WATCH a z\r\nMULTI\r\nSET b 1\r\n";
  constexpr std::string_view begun = "+OK\r\n+OK\r\n+QUEUED\r\n";
  for (const std::string_view change :
       {"SET a 1\r\nDEL a\r\n", "SET z 1\r\nFLUSHALL\r\n",
        "MULTI\r\nSET a 1\r\nDEL a\r\nEXEC\r\n"}) {
    EXPECT_EQ(first_.Say(begin), begun);
    second_.Say(change);
    EXPECT_EQ(first_.Say("EXEC\r\n"), "*-1\r\n") << change;
  }
  // What is deleted where there is nothing, and rows of other keys, also of
  // those between them.
  for (const std::string_view change :
       {"DEL a\r\n", "FLUSHALL\r\n", "SET c 1\r\nDEL c\r\n"}) {
    EXPECT_EQ(first_.Say(begin), begun);
    second_.Say(change);
    EXPECT_EQ(first_.Say("EXEC\r\n"), "*1\r\n+OK\r\n") << change;
  }
}

TEST_F(TransactionTest, WatchedAbsenceThatCannotBeToldAnyMoreStopsIt) {
  EXPECT_EQ(first_.Say("WATCH a\r\nMULTI\r\nSET b 1\r\n"),
            "+OK\r\n+OK\r\n+QUEUED\r\n");
  const std::string value(size_t{128} << 10, 'v');
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(server_.db().Put("other", value).ok());
  }
  const auto applied = server_.db().Put("other", "");
  ASSERT_TRUE(applied.ok());
  ASSERT_TRUE(server_.db().admin().Checkpoint().ok());
  ASSERT_TRUE(server_.db().admin().CompactLog(applied->index).ok());
  // What is kept in memory went with what came after it.
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(server_.db().Put("other", value).ok());
  }
  ASSERT_TRUE(server_.db().admin().Checkpoint().ok());
  EXPECT_EQ(first_.Say("EXEC\r\n"), "*-1\r\n");
}

TEST_F(TransactionTest, AnswersOfATransactionShareOneLimit) {
  Talker talker(server_, {.reply_bytes_max = 2000});
  const std::string value(1500, 'v');
  talker.Say("SET a " + value + "\r\n");
  EXPECT_EQ(talker.Say("MULTI\r\nGET a\r\nGET a\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$1500\r\n" + value +
                "\r\n-ERR the answer would have more than 487 bytes "
                "(limits.reply_bytes)\r\n");
}

TEST_F(TransactionTest, ManyClientsCountRight) {
  constexpr int threads_max = 8;
  constexpr int rounds = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < threads_max; ++i) {
    threads.emplace_back([this, i] {
      Talker talker(server_);
      for (int round = 0; round < rounds; ++round) {
        talker.Say("INCR n\r\nAPPEND log x\r\n");
        // Blind writes beside it, so that the others have to start over.
        talker.Say("SET own" + std::to_string(i) + " 1\r\nSET hot 1\r\n");
        talker.Say("INCR hot\r\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first_.Say("GET n\r\nSTRLEN log\r\n"), "$3\r\n400\r\n:400\r\n");
}

TEST_F(TransactionTest, WriterBesideThemDoesNotLoseACount) {
  // Somebody else's writes, behind the back of the lane.
  std::thread other([this] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(server_.db().Put("beside", std::to_string(i)).ok());
    }
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(first_.Say("MULTI\r\nAPPEND beside x\r\nINCR n\r\nEXEC\r\n")
                  .substr(0, 27),
              "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n");
  }
  other.join();
  EXPECT_EQ(first_.Say("GET n\r\n"), "$3\r\n100\r\n");
}

constexpr std::string_view kTooLarge = "-ERR the transaction is too large\r\n";
constexpr std::string_view kAborted =
    "-EXECABORT Transaction discarded because of previous errors.\r\n";

// Half a byte for each pair: what it takes is not what it says.
std::string WidestMset() {
  constexpr int pairs = 65'536;
  std::string said = absl::StrCat("*", 2 * pairs + 1, "\r\n$4\r\nMSET\r\n");
  for (int i = 0; i < pairs; ++i) said += "$1\r\nk\r\n$0\r\n\r\n";
  return said;
}

TEST_F(TransactionTest, OneOfTooManyWordsIsGivenUpWhileItIsQueued) {
  const std::string widest = WidestMset();
  EXPECT_EQ(first_.Say(absl::StrCat("MULTI\r\n", widest, "EXEC\r\n")),
            "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
  EXPECT_EQ(
      first_.Say(absl::StrCat("MULTI\r\n", widest, widest, widest, "EXEC\r\n")),
      absl::StrCat("+OK\r\n+QUEUED\r\n", ToAbsl(kTooLarge), ToAbsl(kTooLarge),
                   ToAbsl(kAborted)));
  // The next one begins anew.
  EXPECT_EQ(first_.Say(absl::StrCat("MULTI\r\n", widest, "EXEC\r\n")),
            "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
}

TEST_F(TransactionTest, OneOfTooManyCommandsIsGivenUpWhileItIsQueued) {
  constexpr size_t commands_max = 65'536;
  std::string said;
  std::string queued;
  // As wordy as one change can be.
  for (size_t i = 0; i < commands_max; ++i) {
    said += "SET k v KEEPTTL\r\n";
    queued += "+QUEUED\r\n";
  }
  EXPECT_EQ(first_.Say(absl::StrCat("MULTI\r\n", said, "EXEC\r\n"))
                .substr(0, 5 + queued.size() + 8),
            absl::StrCat("+OK\r\n", queued, "*65536\r\n"));
  EXPECT_EQ(
      first_.Say(absl::StrCat("MULTI\r\n", said, "PING\r\nEXEC\r\n")),
      absl::StrCat("+OK\r\n", queued, ToAbsl(kTooLarge), ToAbsl(kAborted)));
}

TEST_F(TransactionTest, OneOfTooManyBytesIsGivenUpWhileItIsQueued) {
  Talker talker(server_, {.multi_bytes_max = 20});
  EXPECT_EQ(talker.Say("MULTI\r\nSET k 123456\r\nSET k 123456\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(
      talker.Say("MULTI\r\nSET k 123456\r\nSET k 1234567\r\nEXEC\r\n"),
      absl::StrCat("+OK\r\n+QUEUED\r\n", ToAbsl(kTooLarge), ToAbsl(kAborted)));
}

TEST_F(TransactionTest, OneThatIsTooLargeHarmsNoOther) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      Talker talker(server_);
      std::string said = "MULTI\r\n";
      // More conditions and changes than a transaction takes.
      for (int row = 0; i == 0 && row < 40'000; ++row) {
        said += "SETNX row" + std::to_string(row) + " 1\r\n";
      }
      said += "INCR n\r\nEXEC\r\n";
      const std::string heard = talker.Say(said);
      const bool refused = heard.find("-ERR not applied: ") != heard.npos;
      EXPECT_EQ(refused, i == 0) << heard.substr(heard.size() - 80);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first_.Say("GET n\r\n"), "$1\r\n3\r\n");
}

}  // namespace
}  // namespace trimaran::serve
