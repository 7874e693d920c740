// Goal: what comes together in one turn goes on together, and no turn hears of
// what has gone. Method: tasks and pairs of sockets, in an order that the test
// decides.

#include "tools/serve/client_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tools/serve/gatherer.h"

namespace trimaran::serve {
namespace {

std::unique_ptr<ClientLoop> NewLoop() {
  auto loop = ClientLoop::Create();
  EXPECT_TRUE(loop.ok()) << loop.status();
  return *std::move(loop);
}

// Returns when the loop has come to a task that was posted now, and has ended
// that turn.
void AwaitTurn(ClientLoop& loop) {
  std::promise<void> ended;
  loop.Post([&] { loop.AtEndOfTurn([&ended] { ended.set_value(); }); });
  ended.get_future().wait();
}

// Two ends of a connection.
struct Pair {
  Pair() {
    std::array<int, 2> fds;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           0, fds.data()),
              0);
    ours = UniqueFd(fds[0]);
    theirs = UniqueFd(fds[1]);
  }
  void Say(char byte) const {
    EXPECT_EQ(::send(theirs.get(), &byte, 1, MSG_NOSIGNAL), 1);
  }
  UniqueFd ours;
  UniqueFd theirs;
};

class Listener final : public ClientLoop::Listener {
 public:
  explicit Listener(std::function<void(ClientLoop::Ready)> hear)
      : hear_(std::move(hear)) {}
  void OnReady(ClientLoop::Ready ready) override { hear_(ready); }

 private:
  std::function<void(ClientLoop::Ready)> hear_;
};

TEST(ClientLoopTest, EndOfTurnComesBehindAllThatWasPosted) {
  const auto loop = NewLoop();
  std::string order;
  loop->Post([&] {
    order += 'a';
    loop->AtEndOfTurn([&] {
      order += 'x';
      loop->AtEndOfTurn([&] { order += 'y'; });
    });
    loop->Post([&] { order += 'c'; });
  });
  loop->Post([&] { order += 'b'; });
  loop->Start();
  // The first one, and the one after it.
  for (int turn = 0; turn < 2; ++turn) AwaitTurn(*loop);
  loop->Stop();
  EXPECT_EQ(order, "abxyc");
}

TEST(ClientLoopTest, TasksOfEachThreadRunInTheirOrder) {
  const auto loop = NewLoop();
  loop->Start();
  constexpr size_t threads_max = 4;
  constexpr int tasks_max = 2000;
  std::array<std::vector<int>, threads_max> seen;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < threads_max; ++i) {
    threads.emplace_back([&loop, &mine = seen[i]] {
      for (int n = 0; n < tasks_max; ++n) {
        loop->Post([&mine, n] { mine.push_back(n); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  AwaitTurn(*loop);
  loop->Stop();
  for (const std::vector<int>& mine : seen) {
    ASSERT_EQ(mine.size(), size_t{tasks_max});
    for (int n = 0; n < tasks_max; ++n) {
      ASSERT_EQ(mine[static_cast<size_t>(n)], n);
    }
  }
}

TEST(ClientLoopTest, TimesAreKeptAndNothingRunsAfterStop) {
  const auto loop = NewLoop();
  loop->Start();
  std::promise<absl::Duration> late;
  bool never = true;
  loop->Post([&] {
    const MonotonicTime when = loop->now() + absl::Milliseconds(5);
    loop->RunAt(when, [&, when] { late.set_value(loop->now() - when); });
    loop->RunAt(when + absl::Hours(1), [&] { never = false; });
  });
  EXPECT_GE(late.get_future().get(), absl::ZeroDuration());
  loop->Stop();
  loop->Post([&] { never = false; });
  EXPECT_TRUE(never);
}

TEST(ClientLoopTest, SocketIsHeardUntilItIsReadAndOnlyIfItIsWanted) {
  const auto loop = NewLoop();
  const Pair pair;
  int heard = 0;
  std::promise<void> thrice;
  std::unique_ptr<ClientLoop::Watch> watch;
  Listener listener([&](ClientLoop::Ready ready) {
    EXPECT_TRUE(ready.readable);
    EXPECT_FALSE(ready.writable || ready.broken);
    // It was not read, and nobody waits anew.
    if (++heard < 3) return;
    watch->Want(false, false);
    thrice.set_value();
  });
  pair.Say('a');
  loop->Post([&] {
    watch =
        std::make_unique<ClientLoop::Watch>(*loop, pair.ours.get(), listener);
    EXPECT_TRUE(watch->ok());
    watch->Want(true, false);
  });
  loop->Start();
  thrice.get_future().wait();
  pair.Say('b');
  for (int turn = 0; turn < 3; ++turn) AwaitTurn(*loop);
  loop->Stop();
  EXPECT_EQ(heard, 3);
  watch.reset();
}

TEST(ClientLoopTest, BrokenSocketIsToldAlsoIfNothingIsWanted) {
  const auto loop = NewLoop();
  Pair pair;
  std::promise<bool> told;
  std::unique_ptr<ClientLoop::Watch> watch;
  Listener listener([&](ClientLoop::Ready ready) {
    told.set_value(ready.broken);
    watch.reset();
  });
  loop->Post([&] {
    watch =
        std::make_unique<ClientLoop::Watch>(*loop, pair.ours.get(), listener);
    pair.theirs = UniqueFd();
  });
  loop->Start();
  EXPECT_TRUE(told.get_future().get());
  loop->Stop();
}

// Both are ready in one turn. Whoever is told first ends the other, whose
// number somebody else gets at once.
TEST(ClientLoopTest, NewsOfASocketThatHasGoneReachesNobody) {
  const auto loop = NewLoop();
  std::array<Pair, 2> pairs;
  Pair next;
  std::array<std::unique_ptr<ClientLoop::Watch>, 2> watches;
  std::unique_ptr<ClientLoop::Watch> of_next;
  int told = 0;
  Listener innocent([](ClientLoop::Ready) { ADD_FAILURE(); });
  const auto end_other = [&](size_t mine) {
    ++told;
    watches[mine]->Want(false, false);
    const int number = pairs[1 - mine].ours.get();
    watches[1 - mine].reset();
    EXPECT_EQ(::dup3(next.ours.get(), number, O_CLOEXEC), number);
    of_next = std::make_unique<ClientLoop::Watch>(*loop, number, innocent);
    of_next->Want(true, false);
  };
  Listener first([&](ClientLoop::Ready) { end_other(0); });
  Listener second([&](ClientLoop::Ready) { end_other(1); });
  loop->Post([&] {
    watches[0] =
        std::make_unique<ClientLoop::Watch>(*loop, pairs[0].ours.get(), first);
    watches[1] =
        std::make_unique<ClientLoop::Watch>(*loop, pairs[1].ours.get(), second);
    for (const auto& watch : watches) watch->Want(true, false);
    for (const Pair& pair : pairs) pair.Say('a');
  });
  loop->Start();
  for (int turn = 0; turn < 3; ++turn) AwaitTurn(*loop);
  loop->Stop();
  EXPECT_EQ(told, 1);
  of_next.reset();
  for (auto& watch : watches) watch.reset();
}

// ---- Gatherer ----

Job JobOf(size_t bytes) {
  Job job;
  job.kind = Job::Kind::kWrite;
  job.commands.emplace_back();
  job.commands.back().command.Add(std::string(bytes, 'v'));
  return job;
}

TEST(GathererTest, JobsOfATurnAreBegunTogether) {
  const auto loop = NewLoop();
  std::vector<size_t> rounds;
  Gatherer gatherer(*loop, [&](std::vector<PendingJob> jobs) {
    rounds.push_back(jobs.size());
  });
  const auto add = [&](size_t bytes) {
    gatherer.Add({.job = JobOf(bytes), .done = [](JobResult) {}});
  };
  loop->Post([&] {
    add(1);
    add(1);
    EXPECT_TRUE(rounds.empty());
  });
  loop->Post([&] { add(1); });
  loop->Start();
  AwaitTurn(*loop);
  EXPECT_EQ(rounds, std::vector<size_t>({3}));
  // Nothing is left for the next one.
  AwaitTurn(*loop);
  EXPECT_EQ(rounds, std::vector<size_t>({3}));
  loop->Stop();
}

TEST(GathererTest, WhatIsLargeDoesNotGrowFurther) {
  const auto loop = NewLoop();
  std::vector<size_t> rounds;
  Gatherer gatherer(*loop, [&](std::vector<PendingJob> jobs) {
    rounds.push_back(jobs.size());
  });
  loop->Post([&] {
    for (int i = 0; i < 5; ++i) {
      gatherer.Add({.job = JobOf(400 << 10), .done = [](JobResult) {}});
    }
    EXPECT_EQ(rounds, std::vector<size_t>({3}));
  });
  loop->Start();
  AwaitTurn(*loop);
  loop->Stop();
  EXPECT_EQ(rounds, std::vector<size_t>({3, 2}));
}

}  // namespace
}  // namespace trimaran::serve
