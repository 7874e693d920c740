// Goal: the simulated network does what it is told to, and no more.

#include "tests/support/sim/sim_network.h"

#include <gtest/gtest.h>

#include "tests/support/sim/event_queue.h"

namespace trimaran::sim {
namespace {

raft::Message Beat() {
  return {GroupId(1), ReplicaId(1), ReplicaId(2), Term(1),
          raft::MsgHeartbeat{}};
}

TEST(SimNetworkTest, DeliversOnceWithoutFaults) {
  SimNetwork network(NetworkOptions(), SeededRandom(1));
  const auto deliveries = network.Send(0, 1, Beat());
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_GE(deliveries[0].delay, NetworkOptions().delay.min);
  raft::Message message;
  EXPECT_TRUE(network.Take(deliveries[0].slot, message));
  EXPECT_EQ(message.to, ReplicaId(2));
  EXPECT_EQ(network.in_flight(), 0u);
}

TEST(SimNetworkTest, LosesAndDoublesAsOftenAsItShould) {
  NetworkOptions options;
  options.loss_ppm = 300'000;
  options.replay_ppm = 500'000;
  SimNetwork network(options, SeededRandom(1));
  int times[3] = {};
  for (int i = 0; i < 1000; ++i) {
    const auto deliveries = network.Send(0, 1, Beat());
    ++times[deliveries.size()];
    raft::Message message;
    for (const auto& delivery : deliveries)
      network.Take(delivery.slot, message);
  }
  EXPECT_NEAR(times[0], 300, 60);
  EXPECT_NEAR(times[1], 350, 60);
  EXPECT_NEAR(times[2], 350, 60);
}

TEST(SimNetworkTest, CutsOneDirectionOnly) {
  SimNetwork network(NetworkOptions(), SeededRandom(1));
  network.Cut(0, 1);
  EXPECT_TRUE(network.Send(0, 1, Beat()).empty());
  EXPECT_EQ(network.Send(1, 0, Beat()).size(), 1u);
  network.HealAll();
  EXPECT_EQ(network.Send(0, 1, Beat()).size(), 1u);
}

TEST(SimNetworkTest, LosesWhatIsUnderWayWhenALinkIsCut) {
  SimNetwork network(NetworkOptions(), SeededRandom(1));
  const auto deliveries = network.Send(0, 1, Beat());
  network.Isolate(1, 3);
  EXPECT_TRUE(network.partitioned());
  raft::Message message;
  EXPECT_FALSE(network.Take(deliveries.at(0).slot, message));
}

TEST(SimNetworkTest, DropsWhatALinkCannotHold) {
  NetworkOptions options;
  options.link_capacity = 2;
  SimNetwork network(options, SeededRandom(1));
  EXPECT_EQ(network.Send(0, 1, Beat()).size(), 1u);
  EXPECT_EQ(network.Send(0, 1, Beat()).size(), 1u);
  EXPECT_TRUE(network.Send(0, 1, Beat()).empty());
  EXPECT_EQ(network.Send(0, 2, Beat()).size(), 1u);
}

TEST(SimNetworkTest, NeverCutsAReplicaFromItself) {
  SimNetwork network(NetworkOptions(), SeededRandom(1));
  int cuts = 0;
  for (int i = 0; i < 200; ++i) {
    network.Partition(5);
    for (size_t from = 0; from < 5; ++from) {
      EXPECT_FALSE(network.IsCut(from, from));
      for (size_t to = 0; to < 5; ++to) cuts += network.IsCut(from, to) ? 1 : 0;
    }
  }
  EXPECT_GT(cuts, 200);
}

TEST(EventQueueTest, KeepsTheOrderOfEventsAtTheSameTime) {
  EventQueue queue;
  for (uint64_t i = 0; i < 100; ++i) {
    queue.Push({.at = i % 3, .argument = i});
  }
  Event before = queue.Pop();
  while (!queue.empty()) {
    const Event event = queue.Pop();
    EXPECT_TRUE(before.at < event.at ||
                (before.at == event.at && before.argument < event.argument));
    before = event;
  }
}

}  // namespace
}  // namespace trimaran::sim
