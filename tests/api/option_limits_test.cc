// Goal: every option that has a range is taken at both ends of it, and refused
// one step outside by a message that names the field, its value and the ends.

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "trimaran/network.h"
#include "trimaran/options.h"

namespace trimaran {
namespace {

using absl::StatusCode;

void ExpectTaken(const Options& options, const std::string& what) {
  EXPECT_TRUE(ValidateOptions(options).ok())
      << what << ": " << ValidateOptions(options);
}

void ExpectRefusal(const Options& options, const std::string& message) {
  const absl::Status status = ValidateOptions(options);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << message;
  EXPECT_EQ(status.message(), message);
}

// ---- Numbers and lengths ----

// The options of a replica that is one of a group with a network of its own.
Options GroupOptions() {
  Options options;
  options.cluster = "c";
  options.listen = "127.0.0.1:7000";
  options.founders = {{1, {}}, {2, {.address = "127.0.0.1:7001"}}};
  return options;
}

struct NumberLimit {
  const char* field;
  uint64_t min;
  uint64_t max;
  void (*set)(Options& options, uint64_t value);
};

constexpr uint64_t kKib = uint64_t{1} << 10;
constexpr uint64_t kMib = uint64_t{1} << 20;
constexpr uint64_t kGib = uint64_t{1} << 30;
constexpr uint64_t kTib = uint64_t{1} << 40;

const NumberLimit kNumbers[] = {
    {"cache_bytes", kMib, 16 * kTib,
     [](Options& o, uint64_t v) { o.cache_bytes = v; }},
    {"log_segment_bytes", 64 * kKib, kGib,
     [](Options& o, uint64_t v) { o.log_segment_bytes = v; }},
    {"log_bytes_max", kMib, kTib,
     [](Options& o, uint64_t v) { o.log_bytes_max = v; }},
    {"log_writes_max", 100, 1'000'000'000,
     [](Options& o, uint64_t v) { o.log_writes_max = v; }},
    {"checkpoint_bytes", kMib, kTib,
     [](Options& o, uint64_t v) { o.checkpoint_bytes = v; }},
    {"free_bytes_min", 0, uint64_t{1} << 60,
     [](Options& o, uint64_t v) { o.free_bytes_min = v; }},
    {"write_queue_bytes_max", kKib, 4 * kGib,
     [](Options& o, uint64_t v) { o.write_queue_bytes_max = v; }},
    {"watch_bytes_max", kKib, 4 * kGib,
     [](Options& o, uint64_t v) { o.watch_bytes_max = v; }},
    {"views_max", 1, 10000, [](Options& o, uint64_t v) { o.views_max = v; }},
    {"cluster.size()", 0, 1024,
     [](Options& o, uint64_t v) { o.cluster.assign(v, 'c'); }},
    {"founders.size()", 0, 9,
     [](Options& o, uint64_t v) {
       o = GroupOptions();
       o.founders.clear();
       for (uint64_t id = 1; id <= v; ++id) {
         o.founders[id].address = absl::StrCat("127.0.0.1:", 7000 + id);
       }
     }},
    {"founders[2].name.size()", 0, 256,
     [](Options& o, uint64_t v) {
       o = GroupOptions();
       o.founders[2].name.assign(v, 'n');
     }},
    // As a network that does not use them takes them.
    {"founders[2].address.size()", 0, 512,
     [](Options& o, uint64_t v) {
       o = GroupOptions();
       o.listen.clear();
       o.network = std::make_shared<InProcessNetwork>();
       o.founders[2].address.assign(v, 'a');
     }},
};

TEST(OptionLimitsTest, NumbersAreTakenUpToTheirLimits) {
  for (const NumberLimit& limit : kNumbers) {
    for (const uint64_t value : {limit.min, limit.max}) {
      Options options;
      limit.set(options, value);
      ExpectTaken(options, absl::StrCat(limit.field, " of ", value));
    }
  }
}

TEST(OptionLimitsTest, NumbersAreRefusedBeyondTheirLimits) {
  for (const NumberLimit& limit : kNumbers) {
    std::vector<uint64_t> outside = {limit.max + 1};
    if (limit.min > 0) outside.push_back(limit.min - 1);
    for (const uint64_t value : outside) {
      Options options;
      limit.set(options, value);
      ExpectRefusal(options, absl::StrCat("options: ", limit.field, " is ",
                                          value, "; it must be from ",
                                          limit.min, " to ", limit.max));
    }
  }
}

TEST(OptionLimitsTest, NumbersWithoutAnUpperLimit) {
  constexpr uint64_t max = std::numeric_limits<uint64_t>::max();
  Options options;
  options.replica_id = 0;
  ExpectRefusal(options, "options: replica_id is 0; it must be at least 1");
  for (const uint64_t id : {uint64_t{1}, max}) {
    options.replica_id = id;
    ExpectTaken(options, absl::StrCat("replica_id of ", id));
  }
  for (const uint64_t rate : {uint64_t{0}, uint64_t{1}, max}) {
    options.snapshot_rate = rate;
    ExpectTaken(options, absl::StrCat("snapshot_rate of ", rate));
  }
}

// What is dialled has a limit of its own, which is reached first.
TEST(OptionLimitsTest, HostsHaveLimits) {
  Options options = GroupOptions();
  options.advertise = absl::StrCat(std::string(253, 'a'), ":65535");
  options.founders[2].address = options.advertise;
  ExpectTaken(options, "hosts of 253 bytes");
  options.founders[2].address.insert(0, "a");
  ExpectRefusal(options,
                absl::StrCat("options: founders[2].address: '",
                             options.founders[2].address,
                             "' is no address: the host is longer than 253 "
                             "bytes"));
  options = GroupOptions();
  options.advertise = absl::StrCat(std::string(254, 'a'), ":1");
  ExpectRefusal(options,
                absl::StrCat("options: advertise: '", options.advertise,
                             "' is no address: the host is longer "
                             "than 253 bytes"));
  options.advertise.assign(513, 'a');
  ExpectRefusal(options,
                "options: advertise.size() is 513; it must be from 0 to 512");
}

// ---- Durations ----

// The smallest difference that there is.
const absl::Duration kStep = absl::Nanoseconds(1) / 4;

struct DurationLimit {
  const char* field;
  absl::Duration min;
  absl::Duration max;
  void (*set)(Options& options, absl::Duration value);
};

const DurationLimit kDurations[] = {
    {"heartbeat_interval", absl::Milliseconds(1), absl::Seconds(10),
     [](Options& o, absl::Duration v) {
       o.heartbeat_interval = v;
       o.election_timeout = v * 10;
     }},
    {"election_timeout", absl::Milliseconds(150), absl::Seconds(50),
     [](Options& o, absl::Duration v) { o.election_timeout = v; }},
    // 3 to 1000 heartbeats, also of another length.
    {"election_timeout", absl::Seconds(6), absl::Seconds(2000),
     [](Options& o, absl::Duration v) {
       o.heartbeat_interval = absl::Seconds(2);
       o.election_timeout = v;
     }},
};

TEST(OptionLimitsTest, DurationsAreTakenUpToTheirLimits) {
  for (const DurationLimit& limit : kDurations) {
    for (const absl::Duration value : {limit.min, limit.max}) {
      Options options;
      limit.set(options, value);
      ExpectTaken(options, absl::StrCat(limit.field, " of ",
                                        absl::FormatDuration(value)));
    }
  }
}

TEST(OptionLimitsTest, DurationsAreRefusedBeyondTheirLimits) {
  for (const DurationLimit& limit : kDurations) {
    for (const absl::Duration value :
         {limit.min - kStep, limit.max + kStep, absl::ZeroDuration(),
          -limit.min, absl::InfiniteDuration(), -absl::InfiniteDuration()}) {
      Options options;
      limit.set(options, value);
      ExpectRefusal(
          options,
          absl::StrCat("options: ", limit.field, " is ",
                       absl::FormatDuration(value), "; it must be from ",
                       absl::FormatDuration(limit.min), " to ",
                       absl::FormatDuration(limit.max)));
    }
  }
}

TEST(OptionLimitsTest, DurationsThatNeedOnlyBePositive) {
  for (const auto& [field, member] :
       {std::pair("default_timeout", &Options::default_timeout),
        std::pair("view_age_max", &Options::view_age_max)}) {
    for (const absl::Duration value : {kStep, absl::InfiniteDuration()}) {
      Options options;
      options.*member = value;
      ExpectTaken(options, field);
    }
    for (const absl::Duration value :
         {absl::ZeroDuration(), -kStep, -absl::InfiniteDuration()}) {
      Options options;
      options.*member = value;
      ExpectRefusal(options, absl::StrCat("options: ", field, " is ",
                                          absl::FormatDuration(value),
                                          "; it must be more than 0"));
    }
  }
}

// A lease has to end well before the promise that it is made of.
TEST(OptionLimitsTest, LeaseReadsNeedALongerPromise) {
  Options options;
  options.heartbeat_interval = absl::Milliseconds(20);
  options.election_timeout = absl::Milliseconds(60);
  ExpectTaken(options, "3 heartbeats without leases");
  options.lease_reads = true;
  ExpectRefusal(options,
                "options: election_timeout is 60ms; with lease_reads it must "
                "be at least 80ms, 4 heartbeat_intervals");
  options.election_timeout = absl::Milliseconds(80) - kStep;
  EXPECT_FALSE(ValidateOptions(options).ok());
  options.election_timeout = absl::Milliseconds(80);
  ExpectTaken(options, "4 heartbeats with leases");
}

}  // namespace
}  // namespace trimaran
