// Goal: who waits for a newcomer sees how far it has caught up, as its leader
// tells; and nothing that is said to that, or is not, is in the way of the
// command.

#include "tools/trimaran/newcomer_watch.h"

#include <poll.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "replication/tcp/address.h"
#include "replication/tcp/socket.h"
#include "tests/tools/trimaran/command_run.h"
#include "tests/tools/trimaran/socket_talk.h"
#include "tools/trimaran/add_command.h"
#include "tools/trimaran/progress_bar.h"
#include "tools/trimaran/replace_command.h"

namespace trimaran::tool {
namespace {

// What a leader says that has 900 entries, of two members.
std::string Metrics(const Newcomer& four) {
  const auto peers = [](std::string_view name, uint64_t of_4, uint64_t of_14) {
    return absl::StrCat("# HELP trimaran_", std::string(name),
                        " of a peer.\n# TYPE trimaran_", std::string(name),
                        " gauge\ntrimaran_", std::string(name),
                        "{peer=\"14\"} ", of_14, "\ntrimaran_",
                        std::string(name), "{peer=\"4\"} ", of_4, "\n");
  };
  return absl::StrCat(
      "# HELP trimaran_log_last_index The last entry.\n",
      "trimaran_log_last_index ", four.last, "\n", "trimaran_truncated_index ",
      four.truncated, "\n", peers("connection_up", four.reached ? 1 : 0, 1),
      peers("peer_durable_index", four.durable, 899),
      peers("peer_active", 1, 1),
      peers("peer_needs_snapshot", four.gets_snapshot ? 1 : 0, 0),
      peers("peer_snapshot_bytes", four.snapshot_bytes, 0),
      peers("peer_snapshot_sent_bytes", four.snapshot_bytes_sent, 0));
}

constexpr Newcomer kAway = {.truncated = 400, .last = 900};
constexpr Newcomer kSnapshot = {.reached = true,
                                .gets_snapshot = true,
                                .truncated = 400,
                                .last = 900,
                                .snapshot_bytes = 9100,
                                .snapshot_bytes_sent = 100};
constexpr Newcomer kCatchesUp = {
    .reached = true, .durable = 500, .truncated = 400, .last = 900};

// ---- What a leader tells ----

TEST(NewcomerInTest, IsWhatIsSaidOfThatMember) {
  const auto four = NewcomerIn(Metrics(kCatchesUp), 4);
  ASSERT_TRUE(four.has_value());
  EXPECT_TRUE(four->reached);
  EXPECT_FALSE(four->gets_snapshot);
  EXPECT_EQ(four->durable, 500U);
  EXPECT_EQ(four->last, 900U);
  EXPECT_EQ(four->truncated, 400U);
  const auto other = NewcomerIn(Metrics(kCatchesUp), 14);
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->durable, 899U);
  const auto sent = NewcomerIn(Metrics(kSnapshot), 4);
  ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(sent->gets_snapshot);
  EXPECT_EQ(sent->snapshot_bytes, 9100U);
  EXPECT_EQ(sent->snapshot_bytes_sent, 100U);
}

TEST(NewcomerInTest, WhoIsNotConnectedIsNotReached) {
  EXPECT_FALSE(NewcomerIn(Metrics(kAway), 4)->reached)
      << "although it counts as active for a while";
}

TEST(NewcomerInTest, IsEmptyWhereThatIsNotSaid) {
  const std::string metrics = Metrics(kCatchesUp);
  EXPECT_FALSE(NewcomerIn(metrics, 1).has_value());
  EXPECT_FALSE(NewcomerIn("", 4).has_value());
  for (size_t size = 0; size + 1 < metrics.size(); ++size) {
    NewcomerIn(metrics.substr(0, size), 4);
  }
  for (const char* number : {"", "-1", "x", "99999999999999999999"}) {
    EXPECT_FALSE(
        NewcomerIn(
            absl::StrCat(metrics.substr(0, metrics.find(" 900")), " ", number,
                         metrics.substr(metrics.find(" 900") + 4)),
            4)
            .has_value())
        << number;
  }
}

// ---- Steps ----

TEST(NewcomerStepsTest, EachCountsFromItsBegin) {
  NewcomerSteps steps(4);
  EXPECT_EQ(steps.Next(kAway).step, "replica 4 cannot be reached");
  Newcomer now = kAway;
  now.reached = true;
  EXPECT_EQ(steps.Next(now).step, "replica 4 needs a snapshot");
  now = kSnapshot;
  EXPECT_EQ(steps.Next(now).bytes, 0U);
  now.snapshot_bytes_sent += 5000;
  WorkProgress progress = steps.Next(now);
  EXPECT_EQ(progress.step, "replica 4 gets a snapshot");
  EXPECT_EQ(progress.bytes, 5000U);
  EXPECT_EQ(progress.bytes_total, 9000U);
  EXPECT_EQ(progress.total, 0U) << "of entries";
  now.gets_snapshot = false;
  progress = steps.Next(now);
  EXPECT_EQ(progress.step, "replica 4 has been sent a snapshot");
  EXPECT_EQ(progress.bytes + progress.done + progress.total, 0U);
  now = kCatchesUp;
  progress = steps.Next(now);
  EXPECT_EQ(progress.step, "replica 4 catches up");
  EXPECT_EQ(progress.done, 0U);
  EXPECT_EQ(progress.total, 400U);
  now.durable += 300;
  now.last += 100;
  progress = steps.Next(now);
  EXPECT_EQ(progress.done, 300U);
  EXPECT_EQ(progress.total, 500U);
  EXPECT_EQ(progress.bytes, 0U);
}

TEST(NewcomerStepsTest, TimeThatASnapshotTakesIsForetold) {
  NewcomerSteps steps(4);
  steps.Next(kSnapshot);
  Newcomer now = kSnapshot;
  now.snapshot_bytes_sent += 4500;
  EXPECT_EQ(ProgressText(steps.Next(now), absl::Seconds(10)),
            "replica 4 gets a snapshot  [############------------]  50%"
            "  4.50 kB  450 bytes/s  0:10 left");
}

TEST(NewcomerStepsTest, NextSnapshotIsCountedAnew) {
  NewcomerSteps steps(4);
  steps.Next(kSnapshot);
  Newcomer now = kSnapshot;
  now.snapshot_bytes = 50000;
  now.snapshot_bytes_sent = 20;
  EXPECT_EQ(steps.Next(now).bytes, 0U);
  now.snapshot_bytes_sent = 50;
  const WorkProgress progress = steps.Next(now);
  EXPECT_EQ(progress.bytes, 30U);
  EXPECT_EQ(progress.bytes_total, 49980U);
}

TEST(NewcomerStepsTest, LogThatIsThereFromTheBeginNeedsNoSnapshot) {
  NewcomerSteps steps(4);
  const WorkProgress progress = steps.Next({.reached = true, .last = 900});
  EXPECT_EQ(progress.step, "replica 4 catches up");
  EXPECT_EQ(progress.total, 900U);
}

TEST(NewcomerStepsTest, WhatBecomesLessIsNothingDone) {
  NewcomerSteps steps(4);
  steps.Next(kCatchesUp);
  Newcomer now = kCatchesUp;
  now.durable = 410;
  now.last = 420;
  EXPECT_EQ(steps.Next(now).done, 0U);
  EXPECT_EQ(steps.Next(now).total, 0U);
}

// ---- The commands, of a leader that does what it is told ----

std::string Http(std::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\n\r\n", std::string(body));
}

// Takes an action, gives each of `answers` to one who asks meanwhile, and then
// carries the action out. An empty answer is none: the connection stays.
class Leader {
 public:
  explicit Leader(std::vector<std::string> answers, int wait_ms = kWaitMs)
      : listener_(*ListenOn(*Endpoint::FromDigits({"127.0.0.1", 0}))),
        at_(absl::StrCat("http://", LocalEndpoint(listener_)->ToString())),
        thread_([this, wait_ms, answers = std::move(answers)] {
          Serve(answers, wait_ms);
        }) {}

  const std::string& at() const { return at_; }
  // What was asked for, in its order, once the command has ended.
  std::vector<std::string> asked() {
    thread_.join();
    return asked_;
  }

 private:
  void Serve(const std::vector<std::string>& answers, int wait_ms) {
    UniqueFd action = AcceptNext(kWaitMs);
    std::vector<UniqueFd> open;
    for (const std::string& answer : answers) {
      open.push_back(AcceptNext(wait_ms));
      if (open.back().get() < 0) break;
      if (answer.empty()) continue;
      SendAll(open.back().get(), answer);
      open.pop_back();
    }
    SendAll(action.get(), Http("{\"ok\":true}\n"));
    action = UniqueFd();
    // What stays open does so until the other side has gone.
    for (const UniqueFd& each : open) {
      if (each.get() >= 0) Receive(each.get());
    }
  }

  UniqueFd AcceptNext(int wait_ms) {
    pollfd wait = {.fd = listener_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, wait_ms) != 1) return UniqueFd();
    Accepted accepted = AcceptOne(listener_);
    const std::string text = Receive(accepted.socket.get());
    asked_.push_back(text.substr(0, text.find(" HTTP")));
    return std::move(accepted.socket);
  }

  const UniqueFd listener_;
  const std::string at_;
  std::vector<std::string> asked_;
  std::jthread thread_;
};

TEST(NewcomerWatchTest, PersonSeesHowFarTheNewcomerIs) {
  // Whoever asks once more has shown what he was told before.
  Leader leader({Http(Metrics(kSnapshot)), Http(Metrics(kCatchesUp)), ""});
  const Shown shown = RunCommand(
      AddCommand(), {"--at", leader.at(), "--id", "4", "--address", "a:1"},
      Output::Style::kTerminal);
  EXPECT_EQ(shown.code, ExitCode::kOk);
  EXPECT_EQ(shown.out, "replica 4 is a voter now\n");
  EXPECT_EQ(shown.err,
            "\r\x1b[Kreplica 4 gets a snapshot  [------------------------]   0%"
            "\r\x1b[Kreplica 4 catches up  [------------------------]   0%"
            "\r\x1b[K");
  EXPECT_EQ(leader.asked(),
            (std::vector<std::string>{"POST /admin/add?id=4&address=a%3A1",
                                      "GET /metrics", "GET /metrics",
                                      "GET /metrics"}));
}

TEST(NewcomerWatchTest, NewcomerOfReplaceIsTheSuccessor) {
  Leader leader({Http(Metrics(kAway)), ""});
  const Shown shown = RunCommand(
      ReplaceCommand(), {"--at", leader.at(), "--id", "14", "--successor", "4"},
      Output::Style::kTerminal);
  EXPECT_EQ(shown.code, ExitCode::kOk);
  EXPECT_EQ(shown.err, "\r\x1b[Kreplica 4 cannot be reached\r\x1b[K");
}

TEST(NewcomerWatchTest, AnswersThatAreNoneAreNothingToSpeakOf) {
  Leader leader({"+OK\r\n", "HTTP/1.1 503 Down\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Http(""),
                 ""});
  const Shown shown = RunCommand(
      AddCommand(), {"--at", leader.at(), "--id", "4", "--address", "a:1"},
      Output::Style::kTerminal);
  EXPECT_EQ(shown.code, ExitCode::kOk);
  EXPECT_EQ(shown.out, "replica 4 is a voter now\n");
  EXPECT_EQ(shown.err, "");
  EXPECT_EQ(leader.asked().size(), 6U);
}

TEST(NewcomerWatchTest, ProgramsAreToldNothing) {
  // Three times as long as until a person sees something.
  Leader leader({Http(Metrics(kSnapshot))}, 1500);
  const Shown shown = RunCommand(
      AddCommand(), {"--at", leader.at(), "--id", "4", "--address", "a:1"},
      Output::Style::kPlain);
  EXPECT_EQ(shown.code, ExitCode::kOk);
  EXPECT_EQ(shown.err, "");
  EXPECT_EQ(leader.asked().size(), 1U) << "nobody would see the answer";
}

}  // namespace
}  // namespace trimaran::tool
