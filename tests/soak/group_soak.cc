// Runs a group of databases for a long time: see README.md.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "tests/soak/keeper.h"
#include "tests/soak/soak_client.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran::soak {
namespace {

constexpr uint64_t kReplicas = 3;
constexpr uint64_t kClients = 4;
constexpr uint64_t kMiB = uint64_t{1} << 20;

// What a process takes up.
struct Usage {
  uint64_t memory = 0;
  uint64_t files = 0;
  uint64_t threads = 0;
  uint64_t disk = 0;
};

Usage Max(const Usage& a, const Usage& b) {
  return {std::max(a.memory, b.memory), std::max(a.files, b.files),
          std::max(a.threads, b.threads), std::max(a.disk, b.disk)};
}

uint64_t EntriesOf(const char* directory) {
  uint64_t count = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory, error)) {
    (void)entry;
    ++count;
  }
  return count;
}

Usage Measure(const std::string& directory) {
  Usage usage;
  std::ifstream statm("/proc/self/statm");
  uint64_t pages = 0;
  statm >> pages >> pages;
  usage.memory = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  usage.files = EntriesOf("/proc/self/fd");
  usage.threads = EntriesOf("/proc/self/task");
  std::error_code error;
  // Files come and go meanwhile.
  for (auto at =
           std::filesystem::recursive_directory_iterator(directory, error);
       at != std::filesystem::recursive_directory_iterator();
       at.increment(error)) {
    if (error) break;
    const uint64_t bytes =
        at->is_regular_file(error) ? at->file_size(error) : 0;
    if (!error) usage.disk += bytes;
  }
  return usage;
}

// The replicas, of which one at a time may be away.
//
// Thread: Find: any. Everything else: owner.
class SoakGroup {
 public:
  SoakGroup(Keeper& keeper, const std::string& directory, uint64_t seed)
      : keeper_(keeper), directory_(directory), random_(seed) {
    options_.cluster = "soak";
    options_.network = std::make_shared<InProcessNetwork>();
    options_.cache_bytes = 32 * kMiB;
    options_.log_segment_bytes = kMiB;
    options_.watch_bytes_max = 2 * kMiB;
    for (uint64_t id = 1; id <= kReplicas; ++id) options_.founders[id] = {};
    for (uint64_t id = 1; id <= kReplicas && trouble_.empty(); ++id) {
      trouble_ = Open(id);
    }
  }

  // Why the group could not be made; empty if it was.
  const std::string& trouble() const { return trouble_; }

  uint64_t kills() const { return kills_; }

  std::shared_ptr<SoakReplica> Find(uint64_t number) {
    const MutexLock lock(mutex_);
    const auto found = replicas_.find(1 + number % kReplicas);
    return found == replicas_.end() ? nullptr : found->second;
  }

  // Something that happens to databases. Empty if all went well.
  std::string Disturb() {
    const uint64_t id = 1 + random_.Uniform(kReplicas);
    // The shortest run has one.
    if (kills_ == 0) return Kill(id);
    switch (random_.Uniform(7)) {
      case 0:
        return Restart(id);
      case 1:
      case 6:
        return Kill(id);
      case 2:
        options_.network->Isolate(id);
        Wait(absl::Milliseconds(200 + random_.Uniform(2000)));
        options_.network->Rejoin(id);
        return "";
      case 3:
        // Refused by those who do not lead.
        (void)At(id).admin().TransferLeadership(1 + random_.Uniform(kReplicas),
                                                {absl::Seconds(2)});
        return "";
      case 4:
        return Compact(id);
      default:
        return BackUp(id);
    }
  }

  DB& At(uint64_t id) { return *replicas_.at(id)->db; }
  std::string Close() {
    for (auto& [id, replica] : replicas_) {
      const absl::Status closed = replica->db->Close();
      if (!closed.ok()) return std::string(closed.message());
    }
    return "";
  }
  void Wait(absl::Duration time) {
    // Nobody notifies: a pause.
    const MutexLock lock(mutex_);
    const MonotonicTime end = clock_.Now() + time;
    while (clock_.Now() < end) pause_.WaitFor(mutex_, end - clock_.Now());
  }

 private:
  std::string PathOf(uint64_t id) const {
    const auto killed = killed_.find(id);
    return absl::StrCat(directory_, "/", id, "-",
                        killed == killed_.end() ? 0 : killed->second);
  }

  std::string Open(uint64_t id) {
    Options options = options_;
    options.replica_id = id;
    auto opened = DB::Open(options, PathOf(id));
    if (!opened.ok()) {
      return absl::StrCat("replica ", id,
                          " does not open: ", opened.status().message());
    }
    const MutexLock lock(mutex_);
    replicas_[id] = std::make_shared<SoakReplica>(*std::move(opened));
    return "";
  }

  // No client finds it any more.
  std::shared_ptr<SoakReplica> Take(uint64_t id) {
    const MutexLock lock(mutex_);
    std::shared_ptr<SoakReplica> replica;
    replica.swap(replicas_.at(id));
    replicas_.erase(id);
    return replica;
  }

  absl::Status CloseTaken(std::shared_ptr<SoakReplica> replica) {
    // Clients are in calls, which it answers.
    const absl::Status closed = replica->db->Close();
    while (replica.use_count() > 1) Wait(absl::Milliseconds(5));
    return closed;
  }

  // What a process that is killed leaves is what is on the disk at that moment.
  // The one that goes on as if nothing had happened is heard by nobody, and
  // closes a directory at which nobody looks again.
  std::string Kill(uint64_t id) {
    std::shared_ptr<SoakReplica> replica = Take(id);
    replica->killed = true;
    options_.network->Isolate(id);
    const std::string before = PathOf(id);
    ++killed_[id];
    ++kills_;
    const std::string trouble = keeper_.CopyWhileHeld(before, PathOf(id));
    CloseTaken(std::move(replica)).IgnoreError();
    std::error_code ignored;
    std::filesystem::remove_all(before, ignored);
    options_.network->Rejoin(id);
    if (!trouble.empty()) return trouble;
    Wait(absl::Milliseconds(random_.Uniform(3000)));
    return Open(id);
  }

  std::string Restart(uint64_t id) {
    const absl::Status closed = CloseTaken(Take(id));
    if (!closed.ok()) {
      return absl::StrCat("replica ", id,
                          " does not close: ", closed.message());
    }
    Wait(absl::Milliseconds(random_.Uniform(3000)));
    return Open(id);
  }

  std::string Compact(uint64_t id) {
    const auto place = At(id).admin().Checkpoint();
    if (!place.ok()) {
      return absl::StrCat("a checkpoint: ", place.status().message());
    }
    // Refused where there is no majority, or it has been done.
    (void)At(id).admin().CompactLog(place->index, {absl::Seconds(2)});
    return "";
  }

  std::string BackUp(uint64_t id) {
    const std::string path = absl::StrCat(directory_, "/backup");
    const auto backup = At(id).admin().CreateBackup(path);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    if (!backup.ok()) {
      return absl::StrCat("a backup: ", backup.status().message());
    }
    return "";
  }

  Keeper& keeper_;
  const std::string directory_;
  MonotonicClock clock_;
  SeededRandom random_;
  Options options_;
  // How often each has been killed.
  std::map<uint64_t, uint64_t> killed_;
  uint64_t kills_ = 0;
  std::string trouble_;
  Mutex mutex_;
  CondVar pause_;
  std::map<uint64_t, std::shared_ptr<SoakReplica>> replicas_;
};

class Soak {
 public:
  Soak(Keeper& keeper, const std::string& directory, uint64_t seed,
       absl::Duration time)
      : directory_(directory),
        group_(keeper, directory, seed),
        begun_(clock_.Now()),
        end_(begun_ + time),
        time_(time) {
    for (uint64_t id = 1; id <= kClients; ++id) {
      clients_.push_back(std::make_unique<SoakClient>(
          id, seed + id,
          [this](uint64_t number) { return group_.Find(number); }));
    }
  }

  bool Run() {
    if (!group_.trouble().empty()) {
      Complain(group_.trouble());
      return false;
    }
    std::vector<std::thread> threads;
    for (auto& client : clients_) {
      threads.emplace_back([this, &client] {
        while (!enough_) client->Step();
      });
    }
    std::string trouble;
    MonotonicTime said = begun_;
    while (clock_.Now() < end_ && trouble.empty()) {
      trouble = group_.Disturb();
      group_.Wait(absl::Milliseconds(300));
      Sample();
      if (clock_.Now() - said >= absl::Seconds(10)) {
        said = clock_.Now();
        Say();
      }
    }
    enough_ = true;
    for (std::thread& thread : threads) thread.join();
    Sample();
    Say();
    const bool same = trouble.empty() && EndsWell();
    if (!trouble.empty()) Complain(trouble);
    return same && BoundsHold() && !complained_;
  }

 private:
  void Sample() {
    now_ = Measure(directory_);
    const absl::Duration passed = clock_.Now() - begun_;
    if (passed < time_ / 4) return;
    Usage& half = passed < time_ / 2 ? early_ : late_;
    half = Max(half, now_);
  }

  void Say() {
    uint64_t calls = 0;
    for (const auto& client : clients_) calls += client->calls();
    std::printf(
        "%5.0f s: %llu calls, %llu kills, %llu MiB of memory, %llu files, %llu "
        "threads, "
        "%llu MiB on disk\n",
        absl::ToDoubleSeconds(clock_.Now() - begun_),
        static_cast<unsigned long long>(calls),
        static_cast<unsigned long long>(group_.kills()),
        static_cast<unsigned long long>(now_.memory / kMiB),
        static_cast<unsigned long long>(now_.files),
        static_cast<unsigned long long>(now_.threads),
        static_cast<unsigned long long>(now_.disk / kMiB));
    std::fflush(stdout);
  }

  void Complain(const std::string& text) {
    complained_ = true;
    std::printf("FAILED: %s\n", text.c_str());
  }

  // Clients find at every replica what they were told, and it closes.
  bool EndsWell() {
    for (uint64_t id = 1; id <= kReplicas; ++id) {
      for (auto& client : clients_) client->CheckAll(group_.At(id));
    }
    for (const auto& client : clients_) {
      for (const std::string& error : client->errors()) Complain(error);
    }
    if (group_.kills() == 0) Complain("nobody was killed");
    const std::string closed = group_.Close();
    if (!closed.empty()) Complain(closed);
    return !complained_;
  }

  // Some seconds say nothing about growth.
  bool BoundsHold() {
    if (time_ < absl::Seconds(60)) return true;
    const auto check = [this](const char* what, uint64_t early, uint64_t late,
                              uint64_t margin) {
      if (late <= early + early / 4 + margin) return;
      Complain(absl::StrCat(what, " grew from ", early, " to ", late));
    };
    check("memory", early_.memory, late_.memory, 32 * kMiB);
    check("open files", early_.files, late_.files, 16);
    check("threads", early_.threads, late_.threads, 16);
    check("the disk's use", early_.disk, late_.disk, 64 * kMiB);
    return !complained_;
  }

  const std::string directory_;
  MonotonicClock clock_;
  SoakGroup group_;
  std::vector<std::unique_ptr<SoakClient>> clients_;
  std::atomic<bool> enough_ = false;
  const MonotonicTime begun_;
  const MonotonicTime end_;
  const absl::Duration time_;
  Usage now_;
  // The most of the second quarter, and of the last half.
  Usage early_;
  Usage late_;
  bool complained_ = false;
};

int Main(int argc, char** argv) {
  int64_t seconds = 1800;
  uint64_t seed = 1;
  std::string where = "/var/tmp";
  bool understood = argc % 2 == 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--seconds") {
      understood = absl::SimpleAtoi(argv[i + 1], &seconds) && understood;
    } else if (name == "--seed") {
      understood = absl::SimpleAtoi(argv[i + 1], &seed) && understood;
    } else if (name == "--directory") {
      where = argv[i + 1];
    } else {
      understood = false;
    }
  }
  std::string directory = absl::StrCat(where, "/trimaran-soak-XXXXXX");
  if (!understood || seconds <= 0 || mkdtemp(directory.data()) == nullptr) {
    std::fprintf(
        stderr, "usage: group_soak [--seconds N] [--seed S] [--directory D]\n");
    return 2;
  }
  bool passed = false;
  {
    Keeper keeper;
    Soak soak(keeper, directory, seed, absl::Seconds(seconds));
    passed = soak.Run();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  std::printf("%s\n", passed ? "passed" : "failed");
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace trimaran::soak

int main(int argc, char** argv) { return trimaran::soak::Main(argc, argv); }
