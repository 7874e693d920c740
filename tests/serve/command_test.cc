// Goal: each command means what it means in Redis, or says what it does not.
// Method: lines, and their exact answers, one after the other at one replica.

#include <gtest/gtest.h>

#include <future>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/serve/talker.h"
#include "tools/serve/command_table.h"

namespace trimaran::serve {
namespace {

struct Line {
  std::string_view said;
  std::string_view heard;
};

void Hold(Talker& talker, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    EXPECT_EQ(talker.Say(std::string(line.said) + "\r\n"), line.heard)
        << line.said;
  }
}

class CommandTest : public testing::Test {
 protected:
  SmallServer server_;
  Talker talker_{server_};
};

constexpr std::string_view kOk = "+OK\r\n";
constexpr std::string_view kNull = "$-1\r\n";
constexpr std::string_view kNoInteger =
    "-ERR value is not an integer or out of range\r\n";

TEST_F(CommandTest, Values) {
  Hold(talker_, {
                    {"GET a", kNull},
                    {"SET a 1", kOk},
                    {"GET a", "$1\r\n1\r\n"},
                    {"set a 2 nx", kNull},
                    {"SET a 2 XX", kOk},
                    {"SET b 2 XX", kNull},
                    {"SET b 2 NX", kOk},
                    {"SET a 3 GET", "$1\r\n2\r\n"},
                    {"SET c 3 NX GET", kNull},
                    {"SET c 4 NX GET", "$1\r\n3\r\n"},
                    {"GET c", "$1\r\n3\r\n"},
                    {"SET a 3 KEEPTTL", kOk},
                    {"SET a 3 NX XX", "-ERR syntax error\r\n"},
                    {"SET a 3 FOO", "-ERR syntax error\r\n"},
                    {"SET a 3 EX 10",
                     "-ERR rows do not expire: EX, PX, EXAT and PXAT are not "
                     "supported\r\n"},
                    {"SETNX a 9", ":0\r\n"},
                    {"SETNX d 9", ":1\r\n"},
                    {"GETSET a 5", "$1\r\n3\r\n"},
                    {"GETSET e 5", kNull},
                    {"GETDEL e", "$1\r\n5\r\n"},
                    {"GETDEL e", kNull},
                    {"GETRANGE a 0 -1", "$1\r\n5\r\n"},
                    {"STRLEN a", ":1\r\n"},
                    {"STRLEN missing", ":0\r\n"},
                    {"APPEND a 67", ":3\r\n"},
                    {"APPEND new x", ":1\r\n"},
                    {"GET a", "$3\r\n567\r\n"},
                });
}

TEST_F(CommandTest, Ranges) {
  Hold(talker_, {
                    {"SET s 'This is a string'", kOk},
                    {"GETRANGE s 0 3", "$4\r\nThis\r\n"},
                    {"GETRANGE s -3 -1", "$3\r\ning\r\n"},
                    {"GETRANGE s 0 -1", "$16\r\nThis is a string\r\n"},
                    {"GETRANGE s 10 100", "$6\r\nstring\r\n"},
                    {"GETRANGE s 5 3", "$0\r\n\r\n"},
                    {"GETRANGE s -1 -3", "$0\r\n\r\n"},
                    {"GETRANGE s -100 -100", "$1\r\nT\r\n"},
                    {"GETRANGE s -9223372036854775808 9223372036854775807",
                     "$16\r\nThis is a string\r\n"},
                    {"GETRANGE none 0 1", "$0\r\n\r\n"},
                    {"GETRANGE s a b", kNoInteger},
                });
}

TEST_F(CommandTest, Several) {
  Hold(talker_, {
                    {"MSET a 1 b 2 a 3", kOk},
                    {"MGET a b c", "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n"},
                    {"MSET a 1 b",
                     "-ERR wrong number of arguments for 'mset' command\r\n"},
                    {"MSETNX c 1 a 1", ":0\r\n"},
                    {"GET c", kNull},
                    {"MSETNX c 1 d 1", ":1\r\n"},
                    {"EXISTS a a c x", ":3\r\n"},
                    {"DEL a a x", ":1\r\n"},
                    {"UNLINK b", ":1\r\n"},
                    {"TYPE c", "+string\r\n"},
                    {"TYPE b", "+none\r\n"},
                    {"TTL c", ":-1\r\n"},
                    {"PTTL b", ":-2\r\n"},
                    {"DBSIZE", ":2\r\n"},
                    {"FLUSHALL", kOk},
                    {"DBSIZE", ":0\r\n"},
                    {"FLUSHDB NOW", "-ERR syntax error\r\n"},
                });
}

TEST_F(CommandTest, Counters) {
  Hold(talker_,
       {
           {"INCR n", ":1\r\n"},
           {"INCRBY n 41", ":42\r\n"},
           {"DECR n", ":41\r\n"},
           {"DECRBY n 50", ":-9\r\n"},
           {"INCRBY n -1", ":-10\r\n"},
           {"INCRBY n x", kNoInteger},
           {"INCRBY n 1.5", kNoInteger},
           {"INCRBY n ' 1'", kNoInteger},
           {"SET s word", kOk},
           {"INCR s", kNoInteger},
           {"SET z 007", kOk},
           {"INCR z", kNoInteger},
           {"SET big 9223372036854775807", kOk},
           {"INCR big", "-ERR increment or decrement would overflow\r\n"},
           {"DECRBY n -9223372036854775808",
            "-ERR decrement would overflow\r\n"},
           {"GET big", "$19\r\n9223372036854775807\r\n"},
       });
}

TEST_F(CommandTest, Scans) {
  Hold(talker_,
       {
           {"MSET k1 a k2 b k3 c other d", kOk},
           {"SCAN 0",
            "*2\r\n$1\r\n0\r\n*4\r\n$2\r\nk1\r\n$2\r\nk2\r\n$2\r\nk3\r\n"
            "$5\r\nother\r\n"},
           {"SCAN 0 COUNT 2",
            "*2\r\n$4\r\n1001\r\n*2\r\n$2\r\nk1\r\n$2\r\nk2\r\n"},
           {"SCAN 1001 COUNT 1", "*2\r\n$4\r\n1002\r\n*1\r\n$2\r\nk3\r\n"},
           {"SCAN 1002", "*2\r\n$1\r\n0\r\n*1\r\n$5\r\nother\r\n"},
           {"SCAN 0 MATCH k[13]",
            "*2\r\n$1\r\n0\r\n*2\r\n$2\r\nk1\r\n$2\r\nk3\r\n"},
           {"SCAN 0 TYPE hash", "*2\r\n$1\r\n0\r\n*0\r\n"},
           {"SCAN x", "-ERR invalid cursor\r\n"},
           {"SCAN 5",
            "-ERR unknown cursor: of another replica, or from before a "
            "restart, or "
            "not used for long; begin again with 0\r\n"},
           {"SCAN 0 COUNT", "-ERR syntax error\r\n"},
           {"SCAN 0 COUNT 0", "-ERR syntax error\r\n"},
           {"SCAN 0 COUNT x", kNoInteger},
           {"KEYS k?", "*3\r\n$2\r\nk1\r\n$2\r\nk2\r\n$2\r\nk3\r\n"},
           {"KEYS none", "*0\r\n"},
           {"TRIMARAN.RANGE k1 k3",
            "*4\r\n$2\r\nk1\r\n$1\r\na\r\n$2\r\nk2\r\n$1\r\n"
            "b\r\n"},
           {"TRIMARAN.RANGE '' '' REVERSE LIMIT 1 KEYS",
            "*1\r\n$5\r\nother\r\n"},
           {"TRIMARAN.RANGE b a",
            "-ERR not read: the range ends before it begins\r\n"},
           {"TRIMARAN.RANGE a b LIMIT 0", kNoInteger},
           {"TRIMARAN.RANGE a b FOO", "-ERR syntax error\r\n"},
       });
}

TEST_F(CommandTest, Connections) {
  Hold(
      talker_,
      {
          {"PING", "+PONG\r\n"},
          {"PING hello", "$5\r\nhello\r\n"},
          {"PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"},
          {"ECHO x", "$1\r\nx\r\n"},
          {"SELECT 0", kOk},
          {"SELECT 1", "-ERR DB index is out of range: there is 0 only\r\n"},
          {"HELLO 3", "-NOPROTO unsupported protocol version\r\n"},
          {"CLIENT ID", ":7\r\n"},
          {"CLIENT GETNAME", "$0\r\n\r\n"},
          {"CLIENT SETNAME me", kOk},
          {"CLIENT GETNAME", "$2\r\nme\r\n"},
          {"CLIENT SETINFO lib-name py", kOk},
          {"CLIENT INFO", "$5\r\nline\n\r\n"},
          {"CLIENT LIST", "$5\r\nlist\n\r\n"},
          {"INFO server", "$14\r\nsection server\r\n"},
          {"CONFIG GET s*", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n"},
          {"COMMAND DOCS no such", "*0\r\n"},
          {"COMMAND COUNT 1",
           "-ERR unknown subcommand or wrong number of arguments for "
           "'command'; there are COUNT, DOCS, INFO and LIST\r\n"},
          {"COMMAND LIST FILTERBY PATTERN in*",
           "*3\r\n$4\r\nincr\r\n$6\r\nincrby\r\n$4\r\ninfo\r\n"},
          {"COMMAND LIST FILTERBY MODULE x", "-ERR syntax error\r\n"},
          {"WAIT 1 100", ":0\r\n"},
          {"TRIMARAN.READ local", kOk},
          {"GET nothing", kNull},
          {"TRIMARAN.READ stale",
           "-ERR read levels are LINEARIZABLE, LEASE and LOCAL\r\n"},
          {"RESET", "+RESET\r\n"},
          {"CLIENT GETNAME", "$0\r\n\r\n"},
          {"AUTH x",
           "-ERR AUTH <password> called without any password configured for "
           "the "
           "default user. Are you sure your configuration is correct?\r\n"},
          {"FOO a b",
           "-ERR unknown command 'FOO', with args beginning with: 'a' 'b' "
           "\r\n"},
          {"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
          {"QUIT", kOk},
      });
  EXPECT_TRUE(talker_.session().closing());
  EXPECT_EQ(talker_.Say("PING\r\n"), "");
}

TEST_F(CommandTest, KeysHaveALimit) {
  const std::string long_key(1025, 'k');
  EXPECT_EQ(talker_.Say("SET " + long_key + " 1\r\n"),
            "-ERR a key has 1 to 1024 bytes, and not 1025\r\n");
  EXPECT_EQ(talker_.Say("GET ''\r\n"),
            "-ERR a key has 1 to 1024 bytes, and not 0\r\n");
  // It does no harm to its neighbours.
  EXPECT_EQ(talker_.Say("SET a 1\r\nSET '' 1\r\nSET b 2\r\nMGET a b\r\n"),
            "+OK\r\n-ERR a key has 1 to 1024 bytes, and not 0\r\n+OK\r\n"
            "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
}

TEST_F(CommandTest, AnswersHaveALimit) {
  Talker talker(server_, {.reply_bytes_max = 2000});
  const std::string value(1500, 'v');
  EXPECT_EQ(talker.Say("MSET a " + value + " b " + value + "\r\n"), kOk);
  const std::string too_large =
      "-ERR the answer would have more than 2000 bytes "
      "(limits.reply_bytes)\r\n";
  EXPECT_EQ(talker.Say("MGET a b\r\n"), too_large);
  EXPECT_EQ(talker.Say("TRIMARAN.RANGE a c\r\n"), too_large);
  EXPECT_EQ(talker.Say("MGET a\r\n"), "*1\r\n$1500\r\n" + value + "\r\n");
  // What cannot be answered is not done.
  EXPECT_EQ(talker.Say("APPEND a " + value + "\r\n"), ":3000\r\n");
  EXPECT_EQ(talker.Say("GETDEL a\r\n"), too_large);
  EXPECT_EQ(talker.Say("STRLEN a\r\n"), ":3000\r\n");
}

TEST_F(CommandTest, PipelinesAreDoneInTheirOrder) {
  EXPECT_EQ(talker_.Say("SET a 1\r\nGET a\r\nSET a 2\r\nINCR a\r\nGET a\r\n"
                        "PING\r\nDEL a\r\nGET a\r\nSET b x\r\nSET b y\r\n"
                        "GET b\r\nFLUSHALL\r\nGET b\r\nEXISTS a b\r\n"),
            "+OK\r\n$1\r\n1\r\n+OK\r\n:3\r\n$1\r\n3\r\n+PONG\r\n:1\r\n"
            "$-1\r\n+OK\r\n+OK\r\n$1\r\ny\r\n+OK\r\n$-1\r\n:0\r\n");
}

// A write among them does not make the answers of a pipeline one job's.
TEST_F(CommandTest, AnswersBesideAWriteAreNotAllHeldAtOnce) {
  Session session({.output_bytes_max = 1000}, server_, {.id = 7},
                  ReadLevel::kLinearizable);
  const auto push = [&session](std::initializer_list<std::string_view> words) {
    Command command;
    for (const std::string_view word : words) command.Add(std::string(word));
    session.Push(std::move(command));
  };
  const std::string value(600, 'v');
  push({"SET", "a", value});
  for (int i = 0; i < 20; ++i) push({"GET", "a"});
  push({"INCR", "n"});
  std::string all;
  while (session.can_advance()) {
    std::string output;
    std::optional<Job> job = session.Advance(output);
    ASSERT_TRUE(job.has_value());
    std::promise<JobResult> result;
    server_.loop().Post([&] {
      server_.runner().Submit(*std::move(job), [&result](JobResult done) {
        result.set_value(std::move(done));
      });
    });
    session.Finish(result.get_future().get(), output);
    EXPECT_LT(output.size(), 2000u);
    all += output;
  }
  std::string expected = "+OK\r\n";
  for (int i = 0; i < 20; ++i) expected += "$600\r\n" + value + "\r\n";
  EXPECT_EQ(all, expected + ":1\r\n");
  EXPECT_EQ(session.commands_done(), 22u);
}

TEST_F(CommandTest, LongPipelineIsAnsweredInPieces) {
  Talker talker(server_, {.output_bytes_max = 1000});
  std::string said;
  std::string heard;
  for (int i = 0; i < 2000; ++i) {
    said += "SET k" + std::to_string(i % 7) + " " + std::to_string(i) + "\r\n";
    heard += "+OK\r\n";
  }
  for (int i = 0; i < 2000; ++i) {
    said += "GET k1\r\n";
    heard += "$4\r\n1996\r\n";
  }
  EXPECT_EQ(talker.Say(said), heard);
}

TEST_F(CommandTest, ProtocolErrorComesLast) {
  EXPECT_EQ(talker_.Say("SET a 1\r\n*x\r\n"),
            "+OK\r\n-ERR Protocol error: invalid multibulk length\r\n");
  EXPECT_TRUE(talker_.session().closing());
}

TEST_F(CommandTest, NothingIsDoneBeforeThePassword) {
  server_.set_password("secret");
  Talker talker(server_);
  Hold(talker, {
                   {"GET a", "-NOAUTH Authentication required.\r\n"},
                   {"AUTH wrong",
                    "-WRONGPASS invalid username-password pair or user is "
                    "disabled.\r\n"},
                   {"AUTH other secret",
                    "-WRONGPASS invalid username-password pair or user is "
                    "disabled.\r\n"},
                   {"PING", "-NOAUTH Authentication required.\r\n"},
                   {"AUTH secret", kOk},
                   {"GET a", kNull},
                   {"RESET", "+RESET\r\n"},
                   {"GET a", "-NOAUTH Authentication required.\r\n"},
                   {"AUTH default secret", kOk},
               });
  Talker guesser(server_);
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(guesser.session().closing());
    guesser.Say("AUTH guess\r\n");
  }
  EXPECT_TRUE(guesser.session().closing());
  Talker again(server_);
  for (int i = 0; i < 7; ++i) again.Say("AUTH guess\r\nRESET\r\n");
  EXPECT_FALSE(again.session().closing());
  again.Say("AUTH guess\r\n");
  EXPECT_TRUE(again.session().closing()) << "RESET forgot the guesses";
}

TEST_F(CommandTest, ClosedDatabaseIsAnError) {
  ASSERT_TRUE(server_.db().Close().ok());
  for (const std::string_view line : {"GET a", "SET a 1", "INCR a", "KEYS *"}) {
    const std::string heard = talker_.Say(std::string(line) + "\r\n");
    EXPECT_EQ(heard.substr(0, 10), "-TRYAGAIN ") << line;
  }
}

TEST(CommandTableTest, EachCommandHasOneHandlerOfItsKind) {
  for (const auto& group : AllCommands()) {
    for (const CommandSpec& spec : group) {
      EXPECT_EQ(FindCommand(spec.name), &spec) << spec.name;
      const bool session = spec.kind == CommandKind::kSession;
      const bool scan = spec.kind == CommandKind::kScan;
      EXPECT_EQ(spec.session != nullptr, session) << spec.name;
      EXPECT_EQ(spec.scan != nullptr, scan) << spec.name;
      EXPECT_EQ(spec.data != nullptr, !session && !scan) << spec.name;
    }
  }
}

}  // namespace
}  // namespace trimaran::serve
