// One replica of a group whose members are processes, and the load on it, which
// comes from the same process: the library is embedded, so that the application
// is the replica's process. cluster_bench.py starts and drives several of them.
//
//   cluster_node ID DIRECTORY ADDRESS...      (the ID-th address is its own)
//
// Takes one line from stdin at a time and answers with one: "leader", "lead
// ID", "put IN_FLIGHT SECONDS VALUE_BYTES", "fill ROWS VALUE_BYTES", "get LEVEL
// IN_FLIGHT SECONDS ROWS", "get-async IN_FLIGHT SECONDS ROWS". Ends with its
// parent, or with stdin.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <latch>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "trimaran/admin.h"
#include "trimaran/db.h"

namespace trimaran {
namespace {

using Clock = std::chrono::steady_clock;

// Puts go round these, so that what has to be kept stays the same.
constexpr uint64_t kPutKeys = 100'000;

std::string KeyOf(uint64_t number) {
  return absl::StrCat("key", absl::Dec(number, absl::kZeroPad13));
}

// As a row of the first `rows`, spread over all of them.
uint64_t RowOf(uint64_t number, uint64_t rows) {
  return ((number * 0x9E3779B97F4A7C15U) >> 32) % rows;
}

// What ends a load, and what it hands out until then.
class Budget {
 public:
  Budget(double seconds, uint64_t operations)
      : end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(seconds))),
        operations_(operations) {}

  // The number of the next operation, or that there is none.
  bool Take(Clock::time_point now, uint64_t& number) {
    number = next_.fetch_add(1);
    return now < end_ && number < operations_ && !stopped_.load();
  }
  void Stop() { stopped_.store(true); }

 private:
  const Clock::time_point end_;
  const uint64_t operations_;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
};

// One of those that are in flight: one operation at a time.
struct Slot {
  Clock::time_point begun;
  std::vector<int64_t> nanos;
  // The error that ended it.
  absl::Status status;

  void Answered(Clock::time_point now) {
    nanos.push_back((now - begun).count());
  }
};

// ---- Load ----

using Done = std::function<void(const absl::Status&)>;
// Begins an operation; calls `done` once, on whatever thread.
using Ask = std::function<void(uint64_t number, Done done)>;

// Operations whose answers start the next ones.
class Stream {
 public:
  Stream(Ask ask, Budget& budget, std::vector<Slot>& slots)
      : ask_(std::move(ask)),
        budget_(budget),
        slots_(slots),
        running_(static_cast<ptrdiff_t>(slots.size())) {}

  void Run() {
    for (Slot& slot : slots_) Next(slot, Clock::now());
    running_.wait();
  }

 private:
  void Next(Slot& slot, Clock::time_point now) {
    uint64_t number = 0;
    if (!budget_.Take(now, number)) return running_.count_down();
    slot.begun = now;
    ask_(number,
         [this, &slot](const absl::Status& status) { Answered(slot, status); });
  }

  void Answered(Slot& slot, const absl::Status& status) {
    if (!status.ok()) {
      slot.status = status;
      budget_.Stop();
      return running_.count_down();
    }
    const Clock::time_point now = Clock::now();
    slot.Answered(now);
    Next(slot, now);
  }

  const Ask ask_;
  Budget& budget_;
  std::vector<Slot>& slots_;
  std::latch running_;
};

using Call = std::function<absl::Status(uint64_t number)>;

void CallInTurns(const Call& call, Budget& budget, Slot& slot) {
  uint64_t number = 0;
  for (slot.begun = Clock::now(); budget.Take(slot.begun, number);) {
    slot.status = call(number);
    if (!slot.status.ok()) return budget.Stop();
    const Clock::time_point now = Clock::now();
    slot.Answered(now);
    slot.begun = now;
  }
}

// A thread for each slot; this one is the first.
void CallBlocking(const Call& call, Budget& budget, std::vector<Slot>& slots) {
  std::vector<std::thread> threads;
  for (size_t i = 1; i < slots.size(); ++i) {
    threads.emplace_back([&, i] { CallInTurns(call, budget, slots[i]); });
  }
  CallInTurns(call, budget, slots[0]);
  for (std::thread& thread : threads) thread.join();
}

// ---- Results ----

// What this process counts anyhow.
struct Counts {
  uint64_t log_writes = 0;
  uint64_t messages = 0;
  uint64_t waits = 0;

  static Counts Now(DB& db) {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    const auto status = db.admin().GetStatus();
    if (!status.ok()) return {};
    return {.log_writes = status->counters.log_writes,
            .messages = status->counters.messages_sent,
            .waits = static_cast<uint64_t>(usage.ru_nvcsw)};
  }
};

absl::StatusOr<std::string> Report(const std::vector<Slot>& slots,
                                   double seconds, const Counts& before,
                                   const Counts& after) {
  std::vector<int64_t> nanos;
  for (const Slot& slot : slots) {
    if (!slot.status.ok()) return slot.status;
    nanos.insert(nanos.end(), slot.nanos.begin(), slot.nanos.end());
  }
  if (nanos.empty()) return absl::UnavailableError("nothing was done");
  std::sort(nanos.begin(), nanos.end());
  const size_t count = nanos.size();
  const auto micros = [](int64_t each) {
    return static_cast<double>(each) / 1000;
  };
  const auto each = [count](uint64_t from, uint64_t to) {
    return static_cast<double>(to - from) / static_cast<double>(count);
  };
  return absl::StrCat(
      "operations=", count, " seconds=", seconds,
      " per_second=", static_cast<double>(count) / seconds,
      " p50_us=", micros(nanos[count / 2]),
      " p99_us=", micros(nanos[count * 99 / 100]),
      " max_us=", micros(nanos.back()), " waits=", after.waits - before.waits,
      " log_writes_each=", each(before.log_writes, after.log_writes),
      " messages_each=", each(before.messages, after.messages));
}

absl::StatusOr<std::string> Measured(
    DB& db, size_t in_flight,
    const std::function<void(std::vector<Slot>&)>& load) {
  std::vector<Slot> slots(in_flight);
  const Counts before = Counts::Now(db);
  const Clock::time_point begun = Clock::now();
  load(slots);
  const std::chrono::duration<double> taken = Clock::now() - begun;
  return Report(slots, taken.count(), before, Counts::Now(db));
}

// ---- Commands ----

absl::StatusOr<std::string> Put(DB& db, size_t in_flight, Budget budget,
                                size_t value_bytes) {
  const std::string value(value_bytes, 'v');
  return Measured(db, in_flight, [&](std::vector<Slot>& slots) {
    if (in_flight > 1) {
      const auto ask = [&](uint64_t number, Done done) {
        WriteBatch batch;
        batch.Put(KeyOf(number % kPutKeys), value);
        db.WriteAsync(batch, [done = std::move(done)](const auto& answer) {
          done(answer.status());
        });
      };
      return Stream(ask, budget, slots).Run();
    }
    const auto put = [&](uint64_t number) {
      return db.Put(KeyOf(number % kPutKeys), value).status();
    };
    CallBlocking(put, budget, slots);
  });
}

absl::Status GetRow(DB& db, uint64_t number, uint64_t rows,
                    const ReadOptions& options) {
  const std::string key = KeyOf(RowOf(number, rows));
  const auto found = db.Get(key, options);
  if (found.ok() && !found->has_value()) {
    return absl::NotFoundError(absl::StrCat("no such key: ", key));
  }
  return found.status();
}

absl::StatusOr<std::string> Get(DB& db, const ReadOptions& options,
                                size_t in_flight, Budget budget,
                                uint64_t rows) {
  return Measured(db, in_flight, [&](std::vector<Slot>& slots) {
    const auto get = [&](uint64_t number) {
      return GetRow(db, number, rows, options);
    };
    CallBlocking(get, budget, slots);
  });
}

absl::StatusOr<std::string> GetAsync(DB& db, const ReadOptions& options,
                                     size_t in_flight, Budget budget,
                                     uint64_t rows) {
  return Measured(db, in_flight, [&](std::vector<Slot>& slots) {
    const auto ask = [&](uint64_t number, Done done) {
      const auto read = [&db, number, rows, done = std::move(done)](
                            const absl::StatusOr<uint64_t>& index) {
        done(index.ok() ? GetRow(db, number, rows, ReadOptions::AtLeast(*index))
                        : index.status());
      };
      db.ReadIndexAsync(read, options);
    };
    Stream(ask, budget, slots).Run();
  });
}

absl::StatusOr<std::string> Obey(DB& db, const std::string& line) {
  constexpr uint64_t no_limit = std::numeric_limits<uint64_t>::max();
  constexpr size_t fill_in_flight = 64;
  constexpr double fill_seconds = 60;
  std::istringstream words(line);
  std::string call;
  std::string level;
  size_t in_flight = 0;
  double seconds = 0;
  size_t value_bytes = 0;
  uint64_t rows = 0;
  words >> call;
  if (call == "leader") {
    const auto status = db.admin().GetStatus();
    if (!status.ok()) return status.status();
    return absl::StrCat("leader=", status->leader);
  }
  uint64_t successor = 0;
  if (call == "lead" && words >> successor) {
    const absl::Status led = db.admin().TransferLeadership(successor);
    if (!led.ok()) return led;
    return absl::StrCat("leader=", successor);
  }
  if (call == "put" && words >> in_flight >> seconds >> value_bytes &&
      in_flight > 0) {
    return Put(db, in_flight, Budget(seconds, no_limit), value_bytes);
  }
  if (call == "fill" && words >> rows >> value_bytes) {
    return Put(db, fill_in_flight, Budget(fill_seconds, rows), value_bytes);
  }
  if (call == "get" && words >> level >> in_flight >> seconds >> rows &&
      in_flight > 0 && rows > 0 &&
      (level == "linearizable" || level == "local")) {
    const ReadOptions options =
        level == "local" ? ReadOptions::Local() : ReadOptions();
    return Get(db, options, in_flight, Budget(seconds, no_limit), rows);
  }
  if (call == "get-async" && words >> in_flight >> seconds >> rows &&
      in_flight > 0 && rows > 0) {
    return GetAsync(db, ReadOptions(), in_flight, Budget(seconds, no_limit),
                    rows);
  }
  return absl::InvalidArgumentError(absl::StrCat("cannot do: ", line));
}

absl::StatusOr<std::unique_ptr<DB>> Open(int argc, char** argv) {
  Options options;
  if (!absl::SimpleAtoi(argv[1], &options.replica_id)) {
    return absl::InvalidArgumentError("ID is not a number");
  }
  const uint64_t members = static_cast<uint64_t>(argc) - 3;
  if (options.replica_id < 1 || options.replica_id > members) {
    return absl::InvalidArgumentError("ID has no address");
  }
  // A single one opens no port.
  if (members > 1) {
    options.cluster = "bench";
    for (uint64_t id = 1; id <= members; ++id) {
      options.founders[id].address = argv[2 + id];
    }
    options.listen = options.founders[options.replica_id].address;
  }
  return DB::Open(options, argv[2]);
}

}  // namespace
}  // namespace trimaran

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc < 4) return std::puts("cluster_node ID DIRECTORY ADDRESS..."), 2;
  auto db = trimaran::Open(argc, argv);
  if (!db.ok()) return std::puts(db.status().ToString().c_str()), 1;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto answer = trimaran::Obey(**db, line);
    std::cout << (answer.ok()
                      ? *answer
                      : absl::StrCat("error: ", answer.status().ToString()))
              << '\n'
              << std::flush;
  }
  const absl::Status closed = (*db)->Close();
  if (!closed.ok()) return std::puts(closed.ToString().c_str()), 1;
}
