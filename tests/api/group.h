#ifndef TRIMARAN_TESTS_API_GROUP_H_
#define TRIMARAN_TESTS_API_GROUP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/api/test_directory.h"
#include "trimaran/db.h"

namespace trimaran {

// Options for small databases and quick elections, on a machine that may be
// busy with something else.
inline Options SmallOptions() {
  Options options;
  options.default_timeout = absl::Seconds(60);
  options.cache_bytes = uint64_t{16} << 20;
  options.log_segment_bytes = uint64_t{64} << 10;
  options.heartbeat_interval = absl::Milliseconds(20);
  options.election_timeout = absl::Milliseconds(200);
  return options;
}

// The founders of a group in one process, of which all run at first.
//
// Thread: one.
class Group {
 public:
  explicit Group(uint64_t size, const Options& options = SmallOptions())
      : options_(options) {
    options_.cluster = "test group";
    options_.network = std::make_shared<InProcessNetwork>();
    for (uint64_t id = 1; id <= size; ++id) {
      options_.founders[id] = {.name = "replica", .address = "here"};
    }
    for (uint64_t id = 1; id <= size; ++id) Start(id);
  }

  Options OptionsOf(uint64_t id) const {
    Options options = options_;
    options.replica_id = id;
    return options;
  }
  std::string PathOf(uint64_t id) const {
    return directory_.path(std::to_string(id));
  }

  void Start(uint64_t id) {
    auto opened = DB::Open(OptionsOf(id), PathOf(id));
    ASSERT_TRUE(opened.ok()) << opened.status();
    replicas_[id] = *std::move(opened);
  }
  void Stop(uint64_t id) {
    EXPECT_TRUE(replicas_.at(id)->Close().ok());
    replicas_.erase(id);
  }
  InProcessNetwork& network() { return *options_.network; }
  DB& at(uint64_t id) { return *replicas_.at(id); }

 private:
  TestDirectory directory_;
  Options options_;
  std::map<uint64_t, std::unique_ptr<DB>> replicas_;
};

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_GROUP_H_
