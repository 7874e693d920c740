#include "tests/support/engine/temp_home.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "engine/base/check.h"
#include "tests/support/engine/sole_replica.h"

namespace trimaran::engine {

namespace {

constexpr char kMemory[] = "/dev/shm";

std::string Base(TempHome::Place place) {
  if (place == TempHome::Place::kMemory && access(kMemory, W_OK | X_OK) == 0) {
    return kMemory;
  }
  const char* chosen = std::getenv("TMPDIR");
  return chosen == nullptr ? "/tmp" : chosen;
}

}  // namespace

TempHome::TempHome(Place place) {
  std::string pattern = Base(place) + "/trimaran-engine-XXXXXX";
  TRIMARAN_CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  root_ = pattern;
  path_ = root_ + "/store";
}

TempHome::~TempHome() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string TempHome::Beside(const std::string& name) const {
  return root_ + "/" + name;
}

EngineOptions TempHome::options() { return options_at(path_); }

EngineOptions TempHome::options_at(const std::string& directory) {
  EngineOptions options;
  options.directory = directory;
  options.cache_bytes = uint64_t{16} << 20;
  options.log_segment_bytes = uint64_t{64} << 10;
  options.files = &files_;
  options.clock = &clock_;
  return options;
}

NewStore SoleStore() {
  NewStore store;
  store.identity = {.cluster = {.high = 0xc1, .low = 0xc2},
                    .store = StoreId(0x51),
                    .group = GroupId(1),
                    .replica = ReplicaId(1)};
  store.conf = SoleConf();
  return store;
}

}  // namespace trimaran::engine
