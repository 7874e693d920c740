// Replicas in processes of their own under clients and a nemesis, and what the
// clients were told is judged afterwards: see README.md.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/status_macros.h"
#include "tests/net/certificates.h"
#include "tests/net/history_clients.h"
#include "tests/net/nemesis.h"
#include "tests/net/net_cluster.h"

namespace trimaran::net {
namespace {

// 32 digits are the id itself, which certificates name.
constexpr const char* kCluster = "0123456789abcdef0123456789abcdef";
// Once nothing harms it any more, a group works again within this time: an
// election, after the longest pause between two attempts to connect.
constexpr absl::Duration kRecoveryMax = absl::Seconds(15);
// So many at a time are told.
constexpr size_t kErrorsMax = 20;

struct ChaosOptions {
  uint64_t replicas = 3;
  uint64_t seconds = 60;
  uint64_t seed = 1;
  uint64_t kills_min = 0;
  uint64_t pause_max_ms = 3000;
  // Of a client between two calls. Too short a one makes the judges work longer
  // than the cluster.
  uint64_t pause_us = 4000;
  uint64_t tls = 0;
  std::string directory = "/var/tmp";
  std::string history;
};

class Chaos {
 public:
  Chaos(const ChaosOptions& options, NetCluster& cluster)
      : options_(options),
        cluster_(cluster),
        nemesis_(cluster, options.replicas, options.seed,
                 absl::Milliseconds(options.pause_max_ms)),
        clients_({.replicas = options.replicas,
                  .seed = options.seed,
                  .pause = absl::Microseconds(options.pause_us)},
                 [&cluster](uint64_t id) { return cluster.Find(id); }) {}

  bool Run() {
    Expect(cluster_.StartAll());
    if (cluster_.AwaitLeader() == 0) Complain("nobody leads at first");
    clients_.Start();
    const MonotonicTime end = clock_.Now() + absl::Seconds(options_.seconds);
    while (errors_ == 0 && clock_.Now() < end) {
      Expect(nemesis_.Round());
      Say();
    }
    Expect(nemesis_.Heal());
    Recover();
    clients_.Stop();
    Judge();
    if (!options_.history.empty() && !clients_.WriteHistory(options_.history)) {
      Complain("the history cannot be written");
    }
    std::printf("%s\n%llu kills, %llu answers\n", nemesis_.ToString().c_str(),
                static_cast<unsigned long long>(cluster_.kills()),
                static_cast<unsigned long long>(clients_.answered()));
    return errors_ == 0;
  }

 private:
  void Complain(const std::string& text) {
    if (++errors_ <= kErrorsMax) std::printf("FAILED: %s\n", text.c_str());
    std::fflush(stdout);
  }
  void Expect(const absl::Status& status) {
    if (!status.ok()) Complain(status.ToString());
  }
  void Expect(const std::vector<std::string>& errors) {
    for (const std::string& error : errors) Complain(error);
  }

  void Say() {
    const MonotonicTime now = clock_.Now();
    if (now - said_ < absl::Seconds(10)) return;
    said_ = now;
    std::printf("%5.0f s: %llu answers, %llu kills\n",
                absl::ToDoubleSeconds(now - begun_),
                static_cast<unsigned long long>(clients_.answered()),
                static_cast<unsigned long long>(cluster_.kills()));
    std::fflush(stdout);
  }

  // Writes go well again, soon.
  void Recover() {
    const MonotonicTime healed = clock_.Now();
    const auto done =
        cluster_.AskLeader("put", {"healed", "yes"}, absl::Seconds(60));
    const absl::Duration took = clock_.Now() - healed;
    std::printf("works again after %.1f s\n", absl::ToDoubleSeconds(took));
    if (!done.ok()) {
      Complain(absl::StrCat("does not work again: ", done.ToString()));
    } else if (took > kRecoveryMax) {
      Complain("works again too late");
    }
  }

  void Judge() {
    Expect(cluster_.AwaitEqual());
    Expect(clients_.ReadAll(cluster_.ids()));
    for (const uint64_t id : cluster_.ids()) {
      Expect(clients_.CheckRows(id));
      const Answer status = cluster_.StatusOf(id);
      if (status.Text("failure") != "OK") {
        Complain(absl::StrCat("replica ", id, ": ", status.ToString()));
      }
    }
    Expect(clients_.CheckHistory());
    for (const uint64_t id : cluster_.ids()) Expect(cluster_.Close(id));
    if (cluster_.kills() < options_.kills_min) Complain("too few kills");
    if (clients_.answered() < 20 * options_.seconds) {
      Complain("too few calls went well");
    }
  }

  const ChaosOptions options_;
  const MonotonicClock clock_;
  const MonotonicTime begun_ = clock_.Now();
  NetCluster& cluster_;
  Nemesis nemesis_;
  HistoryClients clients_;
  MonotonicTime said_ = begun_;
  size_t errors_ = 0;
};

bool Understand(int argc, char** argv, ChaosOptions& options) {
  bool understood = argc % 2 == 1;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string_view name = argv[at];
    uint64_t* number = nullptr;
    if (name == "--replicas") number = &options.replicas;
    if (name == "--seconds") number = &options.seconds;
    if (name == "--seed") number = &options.seed;
    if (name == "--kills-min") number = &options.kills_min;
    if (name == "--pause-max-ms") number = &options.pause_max_ms;
    if (name == "--pause-us") number = &options.pause_us;
    if (name == "--tls") number = &options.tls;
    if (name == "--directory") {
      options.directory = argv[at + 1];
    } else if (name == "--history") {
      options.history = argv[at + 1];
    } else if (number == nullptr || !absl::SimpleAtoi(argv[at + 1], number)) {
      understood = false;
    }
  }
  return understood && options.replicas > 1 && options.pause_max_ms >= 100;
}

// Everybody proves who he is, and what is said is encrypted.
absl::Status UseTls(NetCluster& cluster) {
  CertificateAuthority authority;
  TRIMARAN_RETURN_IF_ERROR(authority.Make(cluster.root(), "authority"));
  for (const uint64_t id : cluster.ids()) {
    const std::string path = absl::StrCat(cluster.root(), "/certificate", id);
    TRIMARAN_RETURN_IF_ERROR(authority.Issue(kCluster, id, path));
    TRIMARAN_RETURN_IF_ERROR(
        ReplaceAuthorities({authority.certificate()}, path + ".ca"));
    UseCertificates(path, cluster.settings(id));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NetCluster>> MakeCluster(
    const ChaosOptions& options) {
  TRIMARAN_ASSIGN_OR_RETURN(auto cluster,
                            NetCluster::Make({.replicas = options.replicas,
                                              .settings = {.cluster = kCluster},
                                              .seed = options.seed,
                                              .parent = options.directory}));
  if (options.tls != 0) TRIMARAN_RETURN_IF_ERROR(UseTls(*cluster));
  return cluster;
}

int Main(int argc, char** argv) {
  ChaosOptions options;
  if (!Understand(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: net_chaos [--replicas N] [--seconds N] [--seed S] "
                 "[--kills-min N] [--pause-max-ms N] [--pause-us N] "
                 "[--tls 0|1] [--directory D] [--history FILE]\n");
    return 2;
  }
  // What makes the same harm again.
  std::printf(
      "net_chaos --replicas %llu --seconds %llu --seed %llu --tls %llu"
      " --pause-max-ms %llu\n",
      static_cast<unsigned long long>(options.replicas),
      static_cast<unsigned long long>(options.seconds),
      static_cast<unsigned long long>(options.seed),
      static_cast<unsigned long long>(options.tls),
      static_cast<unsigned long long>(options.pause_max_ms));
  const auto cluster = MakeCluster(options);
  if (!cluster.ok()) {
    std::printf("FAILED: %s\n", cluster.status().ToString().c_str());
    return 1;
  }
  const bool passed = Chaos(options, **cluster).Run();
  if (!passed) {
    (*cluster)->KeepDirectories();
    std::printf("everything is in %s\n", (*cluster)->root().c_str());
    for (const uint64_t id : (*cluster)->ids()) {
      std::printf("---- replica %llu\n%s\n",
                  static_cast<unsigned long long>(id),
                  (*cluster)->LogOf(id).c_str());
    }
  }
  std::printf("%s\n", passed ? "passed" : "failed");
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace trimaran::net

int main(int argc, char** argv) { return trimaran::net::Main(argc, argv); }
