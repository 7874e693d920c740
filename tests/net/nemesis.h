#ifndef TRIMARAN_TESTS_NET_NEMESIS_H_
#define TRIMARAN_TESTS_NET_NEMESIS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/random.h"
#include "tests/net/net_cluster.h"

namespace trimaran::net {

// Who means a cluster harm: its network and its processes. What it does is
// drawn from a seed; how long that takes is the machine's affair, so that the
// same seed gives the same harm, and not the same run.
//
// Thread: the cluster's owner.
class Nemesis {
 public:
  // `pause_max`: how long a process stands still.
  Nemesis(NetCluster& cluster, uint64_t replicas, uint64_t seed,
          absl::Duration pause_max);

  // Harm of one kind or two at a time, for a while, then some peace. The error
  // of a process that did not start again.
  absl::Status Round();
  // Everything is whole again, and everybody runs.
  absl::Status Heal();

  // How often each kind of harm was done, for people.
  std::string ToString() const;

 private:
  using Harm = void (Nemesis::*)();
  struct NamedHarm {
    const char* name;
    Harm harm;
  };
  static const NamedHarm kNetworkHarm[];
  static const NamedHarm kProcessHarm[];

  void Do(const NamedHarm& harm);
  uint64_t DrawOne() { return 1 + random_.Uniform(replicas_); }
  // Another one than `id`.
  uint64_t DrawOther(uint64_t id);
  void RestUpTo(absl::Duration least, absl::Duration most);
  void Restrict(uint64_t from, uint64_t to, const LinkRules& rules);
  void RestrictAll(const LinkRules& rules);

  // ---- On the network ----
  void Delay();
  void Throttle();
  void Corrupt();
  void CutOneLink();
  void CutWhatOneSends();
  void CutWhatOneHears();
  void IsolateOne();
  void Divide();
  void DropSome();
  void DropInTheMiddle();
  void HalfCloseSome();
  void RefuseOne();

  // ---- On processes ----
  void KillOne();
  void KillTwo();
  void KillAll();
  void PauseOne();
  void MoveLeadership();

  NetCluster& cluster_;
  const uint64_t replicas_;
  SeededRandom random_;
  const absl::Duration pause_max_;
  uint64_t rounds_ = 0;
  absl::Status trouble_;
  std::map<std::string, uint64_t> done_;
};

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_NEMESIS_H_
