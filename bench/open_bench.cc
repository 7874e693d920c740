// How long it takes until a store that was killed can be used again, in turns
// with the others: against the length of its log, against its rows, and with so
// many megabytes as they happen to be. README.md says what the numbers mean.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/compared_stores.h"
#include "bench/growing_stores.h"
#include "bench/paired.h"
#include "bench/settings.h"
#include "benchmark/benchmark.h"
#include "engine/base/check.h"

namespace trimaran::bench {
namespace {

// dump_bench.py knows the last one by its number.
enum class Kind : int { kRows, kLog, kMegabytes, kCheckpointedMegabytes };

constexpr size_t kValueBytes = 100;
// Where megabytes are counted.
constexpr size_t kLargeBytes = 1000;

LogKept LogOf(Kind kind) {
  return kind == Kind::kLog ? LogKept::kWhole : LogKept::kUsual;
}

// What a process does whose last act it is: `count` is rows, writes or
// megabytes.
void FillAndDie(const std::string& root, Kind kind, uint64_t count) {
  GrowingStores stores(root, LogOf(kind));
  for (size_t i = 0; i < stores.count(); ++i) {
    switch (kind) {
      case Kind::kRows:
        Fill(stores.store(i), 0, count, kValueBytes);
        stores.store(i).Checkpoint();
        break;
      case Kind::kLog:
        Overwrite(stores.store(i), 0, count, kValueBytes);
        break;
      case Kind::kMegabytes:
      case Kind::kCheckpointedMegabytes:
        Fill(stores.store(i), 0, count * 1000, kLargeBytes);
        if (kind == Kind::kCheckpointedMegabytes) stores.store(i).Checkpoint();
        break;
    }
  }
  TRIMARAN_CHECK_EQ(kill(getpid(), SIGKILL), 0);
}

// The same in a process of its own.
void MakeKilled(const std::string& root, Kind kind, uint64_t count) {
  const std::string kind_text = absl::StrCat(static_cast<int>(kind));
  const std::string count_text = absl::StrCat(count);
  const pid_t child = fork();
  TRIMARAN_CHECK_GE(child, 0);
  if (child == 0) {
    execl("/proc/self/exe", "open_bench", "--fill", root.c_str(),
          kind_text.c_str(), count_text.c_str(), nullptr);
    _exit(1);
  }
  int status = 0;
  TRIMARAN_CHECK_EQ(waitpid(child, &status, 0), child);
  TRIMARAN_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

// Nothing of it is left in the machine's memory.
void Forget(const std::string& root) {
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const int file = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    TRIMARAN_CHECK_GE(file, 0) << entry.path();
    TRIMARAN_CHECK_EQ(fsync(file), 0);
    TRIMARAN_CHECK_EQ(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(file);
  }
}

// The stores as they were killed, as often as one wants to open them.
class Killed {
 public:
  Killed(Kind kind, uint64_t count, bool cold)
      : cold_(cold),
        stores_(now(), LogOf(kind), GrowingStores::Begin::kClosed) {
    MakeKilled(was(), kind, count);
    Restore();
  }

  GrowingStores& stores() { return stores_; }
  void Restore() {
    stores_.CloseAll();
    std::filesystem::remove_all(now());
    std::filesystem::copy(was(), now(),
                          std::filesystem::copy_options::recursive);
    if (cold_) Forget(now());
  }

 private:
  std::string was() const { return root_.path() + "/was"; }
  std::string now() const { return root_.path() + "/now"; }

  ScratchDirectory root_;
  const bool cold_;
  GrowingStores stores_;
};

// Until a row has been read and another one is durable.
void OpenKilled(benchmark::State& state, Kind kind, uint64_t count, bool cold) {
  Killed killed(kind, count, cold);
  GrowingStores& stores = killed.stores();
  std::vector<Contender> contenders;
  for (size_t i = 0; i < stores.count(); ++i) {
    contenders.push_back({stores.name(i), [&stores, i] {
                            stores.Open(i);
                            const auto client = stores.store(i).NewClient();
                            std::string value;
                            TRIMARAN_CHECK(client->Get(KeyOf(0), value));
                            client->Put("key", "value");
                          }});
  }
  RunInTurns(state, 1, contenders, [&killed] { killed.Restore(); });
}

void Register(const char* name, const char* argument, Kind kind, uint64_t count,
              bool cold, int64_t rounds) {
  benchmark::RegisterBenchmark(name,
                               [kind, count, cold](benchmark::State& state) {
                                 OpenKilled(state, kind, count, cold);
                               })
      ->ArgName(argument)
      ->Arg(static_cast<int64_t>(count))
      ->Iterations(rounds)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

void RegisterAll() {
  const uint64_t rows_max = Setting("TRIMARAN_BENCH_ROWS", 100'000);
  for (uint64_t rows = std::min<uint64_t>(1000, rows_max); rows <= rows_max;
       rows *= 10) {
    Register("OpenKilledWithRows", "rows", Kind::kRows, rows, false, Rounds());
  }
  const uint64_t writes_max = Setting("TRIMARAN_BENCH_WRITES", 100'000);
  for (uint64_t writes = std::min<uint64_t>(1000, writes_max);
       writes <= writes_max; writes *= 10) {
    Register("OpenKilledWithLog", "writes", Kind::kLog, writes, false,
             Rounds());
  }
  const uint64_t megabytes = Setting("TRIMARAN_BENCH_MB", 64);
  const int64_t rounds = std::min<int64_t>(Rounds(), 3);
  Register("OpenKilledWarm", "MB", Kind::kMegabytes, megabytes, false, rounds);
  Register("OpenKilledCold", "MB", Kind::kMegabytes, megabytes, true, rounds);
}

}  // namespace
}  // namespace trimaran::bench

// With arguments "--fill ROOT KIND COUNT" it is the process that is killed.
int main(int argc, char** argv) {
  if (argc == 5 && std::string(argv[1]) == "--fill") {
    int kind = 0;
    uint64_t count = 0;
    TRIMARAN_CHECK(absl::SimpleAtoi(argv[3], &kind));
    TRIMARAN_CHECK(absl::SimpleAtoi(argv[4], &count));
    trimaran::bench::FillAndDie(
        argv[2], static_cast<trimaran::bench::Kind>(kind), count);
    return 1;
  }
  trimaran::bench::RegisterAll();
  return trimaran::bench::RunBenchmarks(argc, argv);
}
