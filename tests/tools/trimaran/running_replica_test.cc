// Goal: who asks for a change of a group reads in words what came of it, and
// scripts tell by the exit code what was not done from what may have been.
// Method: the commands, and a replica that answers what it is told to.

#include "tools/trimaran/running_replica.h"

#include <poll.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "replication/tcp/address.h"
#include "replication/tcp/socket.h"
#include "tests/tools/trimaran/command_run.h"
#include "tests/tools/trimaran/socket_talk.h"
#include "tools/trimaran/add_command.h"
#include "tools/trimaran/remove_command.h"
#include "tools/trimaran/replace_command.h"
#include "tools/trimaran/status_command.h"
#include "tools/trimaran/transfer_command.h"

namespace trimaran::tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Answers one question, and ends the connection, or waits for the other side to
// do so.
class OneAnswer {
 public:
  enum class Then { kEnds, kWaits };
  explicit OneAnswer(std::string answer, Then then = Then::kEnds)
      : listener_(*ListenOn(*Endpoint::FromDigits({"127.0.0.1", 0}))),
        at_(absl::StrCat("http://", LocalEndpoint(listener_)->ToString())),
        thread_([this, then, answer = std::move(answer)] {
          pollfd wait = {.fd = listener_.get(), .events = POLLIN, .revents = 0};
          if (::poll(&wait, 1, kWaitMs) != 1) return;
          const Accepted accepted = AcceptOne(listener_);
          Receive(accepted.socket.get());
          SendAll(accepted.socket.get(), answer);
          if (then == Then::kWaits) Receive(accepted.socket.get());
        }) {}

  const std::string& at() const { return at_; }

 private:
  const UniqueFd listener_;
  const std::string at_;
  // The last member: it uses the others.
  std::jthread thread_;
};

std::string Http(std::string_view status, std::string_view body) {
  return absl::StrCat("HTTP/1.1 ", std::string(status), "\r\n\r\n",
                      std::string(body), "\n");
}

Shown Remove(std::string answer) {
  const OneAnswer replica(std::move(answer));
  return RunCommand(RemoveCommand(), {"--at", replica.at(), "--id", "4"});
}

TEST(RunningReplicaTest, WhatWasDoneIsSaidInWords) {
  const std::string ok = Http("200 OK", R"({"ok":true})");
  const auto out = [&](const Subcommand& command,
                       const std::vector<std::string>& more) {
    const OneAnswer replica(ok);
    std::vector<std::string> words = {"--at", replica.at(), "--id", "4"};
    words.insert(words.end(), more.begin(), more.end());
    const Shown shown = RunCommand(command, words);
    EXPECT_EQ(shown.code, ExitCode::kOk);
    EXPECT_EQ(shown.err, "");
    return shown.out;
  };
  EXPECT_EQ(out(AddCommand(), {}), "replica 4 is a voter now\n");
  EXPECT_EQ(out(AddCommand(), {"--learner"}), "replica 4 is a learner now\n");
  EXPECT_EQ(out(RemoveCommand(), {}), "replica 4 is no member any more\n");
  EXPECT_EQ(out(ReplaceCommand(), {"--successor", "5"}),
            "replica 5 has taken the place of replica 4\n");
  EXPECT_EQ(out(TransferCommand(), {}), "replica 4 leads now\n");
}

TEST(RunningReplicaTest, WhatWasNotAppliedIsRefused) {
  const Shown shown = Remove(Http(
      "409 Conflict",
      R"({"error":"not the leader; \"3\"\u000a is","outcome":"not applied",)"
      R"("leader":3})"));
  EXPECT_EQ(shown.code, ExitCode::kRefused);
  EXPECT_EQ(shown.out, "");
  EXPECT_EQ(shown.err, "trimaran: not applied: not the leader; \"3\"  is\n");
  EXPECT_EQ(Remove(Http("503 Busy",
                        R"({"error":"no leader","outcome":"not applied"})"))
                .code,
            ExitCode::kRefused);
}

TEST(RunningReplicaTest, WhatMayHaveBeenDoneHasACodeOfItsOwn) {
  const Shown late =
      Remove(Http("503 Late", R"({"error":"time is up","outcome":"unknown"})"));
  EXPECT_EQ(late.code, ExitCode::kOutcomeUnknown);
  EXPECT_EQ(late.err, "trimaran: outcome unknown: time is up\n");
  for (const char* const lost :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"ok\":"}) {
    const Shown shown = Remove(lost);
    EXPECT_EQ(shown.code, ExitCode::kOutcomeUnknown) << lost;
    EXPECT_THAT(shown.err, HasSubstr("trimaran: outcome unknown: 127.0.0.1:"));
  }
}

// The port of members, or of clients of Redis, was meant to be another one.
TEST(RunningReplicaTest, WhatDoesNotSpeakHttpHasDoneNothing) {
  for (const char* const answer :
       {"-ERR unknown command 'POST'\r\n", "TRM1 what", "\n",
        "SSH-2.0-OpenSSH\r\n", "http/1.1 200 OK\r\n\r\n", "HTTPS"}) {
    for (const auto then : {OneAnswer::Then::kEnds, OneAnswer::Then::kWaits}) {
      const OneAnswer other(answer, then);
      const Shown shown =
          RunCommand(RemoveCommand(), {"--at", other.at(), "--id", "4"});
      EXPECT_EQ(shown.code, ExitCode::kIoError) << answer;
      EXPECT_THAT(shown.err,
                  HasSubstr("what answers there does not speak HTTP"));
    }
  }
  // Of this, more could have come.
  EXPECT_EQ(Remove("HTTP").code, ExitCode::kOutcomeUnknown);
}

TEST(RunningReplicaTest, NothingIsUndoneUnlessTheReplicaSaysSo) {
  for (const char* const answer :
       {R"({"error":"e"})", R"({"error":"e","outcome":"perhaps"})",
        R"({"error":"e","outcome":"unknown"})"}) {
    for (const char* const status : {"404 None", "503 Busy"}) {
      EXPECT_EQ(Remove(Http(status, answer)).code, ExitCode::kOutcomeUnknown)
          << answer;
    }
  }
}

// Another server at that port, and a proxy that waits no longer.
TEST(RunningReplicaTest, NothingIsDoneUnlessAReplicaSaysSo) {
  EXPECT_EQ(Remove(Http("200 OK", "<html>It works!</html>")).code,
            ExitCode::kOutcomeUnknown);
  const Shown late = Remove(Http("504 Gateway Timeout", "late"));
  EXPECT_EQ(late.code, ExitCode::kOutcomeUnknown);
  EXPECT_EQ(late.err, "trimaran: outcome unknown: late\n");
}

TEST(RunningReplicaTest, WhatItSaysDrivesNoTerminal) {
  const Shown shown = Remove(Http(
      "409 Conflict", "{\"error\":\"\x1b[2J\",\"outcome\":\"not applied\"}"));
  EXPECT_THAT(shown.err, Not(HasSubstr("\x1b")));
}

TEST(RunningReplicaTest, WhatIsWrongWithTheRequestHasTheCodesThatThereAre) {
  const auto code = [](std::string_view status) {
    return Remove(Http(status, R"({"error":"e","outcome":"not applied"})"))
        .code;
  };
  EXPECT_EQ(code("400 Bad"), ExitCode::kUsage);
  EXPECT_EQ(code("404 None"), ExitCode::kNoStore);
  const Shown forbidden = Remove(Http("403 Forbidden", "a token is needed"));
  EXPECT_EQ(forbidden.code, ExitCode::kPermission);
  EXPECT_EQ(forbidden.err, "trimaran: a token is needed\n");
}

TEST(RunningReplicaTest, WhoCannotBeReachedHasDoneNothing) {
  // A port at which nobody listens any more.
  const std::string at = absl::StrCat(
      "http://",
      LocalEndpoint(*ListenOn(*Endpoint::FromDigits({"127.0.0.1", 0})))
          ->ToString());
  const Shown shown = RunCommand(RemoveCommand(), {"--at", at, "--id", "4"});
  EXPECT_EQ(shown.code, ExitCode::kIoError);
}

TEST(RunningReplicaTest, AStatusThatIsCutOffChangesNothing) {
  const OneAnswer replica("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf");
  EXPECT_EQ(RunCommand(StatusCommand(), {"--at", replica.at()}).code,
            ExitCode::kIoError);
}

}  // namespace
}  // namespace trimaran::tool
