#ifndef TRIMARAN_TESTS_SUPPORT_ENGINE_TEMP_HOME_H_
#define TRIMARAN_TESTS_SUPPORT_ENGINE_TEMP_HOME_H_

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/engine_options.h"
#include "engine/file/posix_file_system.h"
#include "engine/founding.h"

namespace trimaran::engine {

// A directory that is removed with everything in it, and options for a small
// engine in it.
//
// Thread: one.
class TempHome {
 public:
  enum class Place : uint8_t {
    // Where syncs cost nothing, if there is such a place.
    kMemory,
    kDisk,
  };
  explicit TempHome(Place place = Place::kMemory);
  ~TempHome();
  TempHome(const TempHome&) = delete;
  TempHome& operator=(const TempHome&) = delete;

  // Of the data directory, which is not there yet.
  const std::string& path() const { return path_; }
  // A name beside it, which is removed as well.
  std::string Beside(const std::string& name) const;

  EngineOptions options();
  EngineOptions options_at(const std::string& directory);
  PosixFileSystem& files() { return files_; }

 private:
  std::string root_;
  std::string path_;
  PosixFileSystem files_;
  MonotonicClock clock_;
};

// A store of one replica, which is its whole group.
NewStore SoleStore();

}  // namespace trimaran::engine

#endif  // TRIMARAN_TESTS_SUPPORT_ENGINE_TEMP_HOME_H_
