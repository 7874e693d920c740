#include "tests/net/nemesis.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/node/blocking.h"

namespace trimaran::net {

const Nemesis::NamedHarm Nemesis::kNetworkHarm[] = {
    {"delay", &Nemesis::Delay},
    {"throttle", &Nemesis::Throttle},
    {"corrupt", &Nemesis::Corrupt},
    {"cut one link one way", &Nemesis::CutOneLink},
    {"cut what one sends", &Nemesis::CutWhatOneSends},
    {"cut what one hears", &Nemesis::CutWhatOneHears},
    {"isolate", &Nemesis::IsolateOne},
    {"divide", &Nemesis::Divide},
    {"drop", &Nemesis::DropSome},
    {"drop in the middle", &Nemesis::DropInTheMiddle},
    {"half-close", &Nemesis::HalfCloseSome},
    {"refuse", &Nemesis::RefuseOne},
};

// What stands here twice comes twice as often.
const Nemesis::NamedHarm Nemesis::kProcessHarm[] = {
    {"kill one", &Nemesis::KillOne},
    {"kill one", &Nemesis::KillOne},
    {"kill two", &Nemesis::KillTwo},
    {"kill all", &Nemesis::KillAll},
    {"pause", &Nemesis::PauseOne},
    {"pause", &Nemesis::PauseOne},
    {"move leadership", &Nemesis::MoveLeadership},
};

Nemesis::Nemesis(NetCluster& cluster, uint64_t replicas, uint64_t seed,
                 absl::Duration pause_max)
    : cluster_(cluster),
      replicas_(replicas),
      random_(seed),
      pause_max_(pause_max) {}

absl::Status Nemesis::Round() {
  ++rounds_;
  // In turn: the network, processes, and both at once.
  if (rounds_ % 3 != 2) {
    Do(kNetworkHarm[random_.Uniform(std::size(kNetworkHarm))]);
    if (random_.OneIn(3)) {
      Do(kNetworkHarm[random_.Uniform(std::size(kNetworkHarm))]);
    }
  }
  if (rounds_ % 3 != 1) {
    Do(kProcessHarm[random_.Uniform(std::size(kProcessHarm))]);
  }
  RestUpTo(absl::Milliseconds(100), absl::Milliseconds(1500));
  // Some harm goes on under the next.
  if (!random_.OneIn(3)) cluster_.proxy().Heal();
  RestUpTo(absl::Milliseconds(100), absl::Milliseconds(700));
  return trouble_;
}

absl::Status Nemesis::Heal() {
  cluster_.proxy().Heal();
  for (const uint64_t id : cluster_.ids()) cluster_.Resume(id);
  const absl::Status started = cluster_.StartAll();
  return trouble_.ok() ? started : trouble_;
}

std::string Nemesis::ToString() const {
  std::string text = absl::StrCat(rounds_, " rounds");
  for (const auto& [name, count] : done_) {
    absl::StrAppend(&text, ", ", name, " ", count);
  }
  return text;
}

void Nemesis::Do(const NamedHarm& harm) {
  ++done_[harm.name];
  (this->*harm.harm)();
}

uint64_t Nemesis::DrawOther(uint64_t id) {
  return 1 + (id - 1 + 1 + random_.Uniform(replicas_ - 1)) % replicas_;
}

void Nemesis::RestUpTo(absl::Duration least, absl::Duration most) {
  const auto span =
      static_cast<uint64_t>(absl::ToInt64Milliseconds(most - least));
  Rest(least + absl::Milliseconds(random_.Uniform(span + 1)));
}

// ---- On the network ----

// Of several rules for one link all hold.
void Nemesis::Restrict(uint64_t from, uint64_t to, const LinkRules& rules) {
  LinkRules now = cluster_.proxy().rules(from, to);
  now.delay = std::max(now.delay, rules.delay);
  now.jitter = std::max(now.jitter, rules.jitter);
  if (rules.bytes_per_second > 0) now.bytes_per_second = rules.bytes_per_second;
  now.cut = now.cut || rules.cut;
  now.corrupt_per_million =
      std::max(now.corrupt_per_million, rules.corrupt_per_million);
  cluster_.proxy().SetRules(from, to, now);
}

void Nemesis::RestrictAll(const LinkRules& rules) {
  for (uint64_t from = 1; from <= replicas_; ++from) {
    for (uint64_t to = 1; to <= replicas_; ++to) {
      if (from != to) Restrict(from, to, rules);
    }
  }
}

void Nemesis::Delay() {
  const LinkRules rules{.delay = absl::Milliseconds(random_.Uniform(60)),
                        .jitter = absl::Milliseconds(1 + random_.Uniform(80))};
  if (random_.OneIn(2)) return RestrictAll(rules);
  const uint64_t from = DrawOne();
  Restrict(from, DrawOther(from), rules);
}

void Nemesis::Throttle() {
  const LinkRules rules{.bytes_per_second = 5'000 + random_.Uniform(200'000)};
  const uint64_t from = DrawOne();
  Restrict(from, DrawOther(from), rules);
}

void Nemesis::Corrupt() {
  const LinkRules rules{.corrupt_per_million =
                            1'000 +
                            static_cast<uint32_t>(random_.Uniform(100'000))};
  if (random_.OneIn(2)) return RestrictAll(rules);
  const uint64_t from = DrawOne();
  Restrict(from, DrawOther(from), rules);
}

void Nemesis::CutOneLink() {
  const uint64_t from = DrawOne();
  Restrict(from, DrawOther(from), {.cut = true});
}

void Nemesis::CutWhatOneSends() {
  const uint64_t from = DrawOne();
  for (uint64_t to = 1; to <= replicas_; ++to) {
    if (from != to) Restrict(from, to, {.cut = true});
  }
}

void Nemesis::CutWhatOneHears() {
  const uint64_t to = DrawOne();
  for (uint64_t from = 1; from <= replicas_; ++from) {
    if (from != to) Restrict(from, to, {.cut = true});
  }
}

void Nemesis::IsolateOne() {
  const uint64_t id = DrawOne();
  for (uint64_t other = 1; other <= replicas_; ++other) {
    if (other == id) continue;
    Restrict(id, other, {.cut = true});
    Restrict(other, id, {.cut = true});
  }
}

void Nemesis::Divide() {
  std::set<uint64_t> side;
  for (uint64_t id = 1; id <= replicas_; ++id) {
    if (random_.OneIn(2)) side.insert(id);
  }
  for (uint64_t from = 1; from <= replicas_; ++from) {
    for (uint64_t to = 1; to <= replicas_; ++to) {
      if (side.contains(from) != side.contains(to)) {
        Restrict(from, to, {.cut = true});
      }
    }
  }
}

void Nemesis::DropSome() {
  for (uint64_t i = 0; i < replicas_; ++i) {
    const uint64_t from = DrawOne();
    cluster_.proxy().Drop(from, DrawOther(from));
  }
}

void Nemesis::DropInTheMiddle() {
  const uint64_t from = DrawOne();
  cluster_.proxy().DropAfter(from, DrawOther(from), random_.Uniform(20'000));
}

void Nemesis::HalfCloseSome() {
  for (uint64_t i = 0; i < replicas_; ++i) {
    const uint64_t from = DrawOne();
    cluster_.proxy().HalfClose(from, DrawOther(from));
  }
}

void Nemesis::RefuseOne() {
  const uint64_t from = DrawOne();
  cluster_.proxy().Refuse(from, DrawOther(from));
}

// ---- On processes ----

void Nemesis::KillOne() {
  const uint64_t id = DrawOne();
  cluster_.Kill(id);
  RestUpTo(absl::ZeroDuration(), absl::Milliseconds(1500));
  trouble_.Update(cluster_.StartAll());
}

void Nemesis::KillTwo() {
  const uint64_t first = DrawOne();
  cluster_.Kill(first);
  RestUpTo(absl::ZeroDuration(), absl::Milliseconds(300));
  cluster_.Kill(DrawOther(first));
  RestUpTo(absl::ZeroDuration(), absl::Milliseconds(500));
  trouble_.Update(cluster_.StartAll());
}

void Nemesis::KillAll() {
  cluster_.KillAll();
  trouble_.Update(cluster_.StartAll());
}

void Nemesis::PauseOne() {
  const uint64_t id = DrawOne();
  cluster_.Pause(id);
  RestUpTo(absl::Milliseconds(100), pause_max_);
  cluster_.Resume(id);
}

void Nemesis::MoveLeadership() {
  const uint64_t leader = cluster_.AwaitLeader(absl::Seconds(1));
  const auto process = cluster_.Find(leader);
  if (process == nullptr) return;
  // Refused, or not done in time, where there is harm enough already.
  (void)process->Call("transfer", {absl::StrCat(DrawOther(leader))},
                      absl::Seconds(2), absl::Seconds(1));
}

}  // namespace trimaran::net
