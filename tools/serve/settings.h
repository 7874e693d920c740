#ifndef TRIMARAN_TOOLS_SERVE_SETTINGS_H_
#define TRIMARAN_TOOLS_SERVE_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "trimaran/options.h"

namespace trimaran::serve {

// For clients that speak RESP.
struct RedisSettings {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:6379";
  // Whose first line clients have to show; and what that is. Empty: nobody is
  // asked.
  std::string password_file = {};
  std::string password = {};
  // Listen beyond the loopback interface without a password.
  bool insecure = false;
  ReadLevel read_level = ReadLevel::kLinearizable;
  uint64_t clients_max = 10'000;
  // Closes clients that have sent nothing for so long; 0: never.
  absl::Duration idle_timeout = absl::ZeroDuration();
  // Closes clients that have read nothing of what waits for them for so long.
  absl::Duration stall_timeout = absl::Seconds(60);
};

struct LimitSettings {
  uint64_t bulk_bytes = uint64_t{16} << 20;
  // Commands of one client that wait; then it is not read from.
  uint64_t pipeline_bytes = uint64_t{1} << 20;
  // One answer.
  uint64_t reply_bytes = uint64_t{64} << 20;
  // Answers to one client that wait; then none of its commands is begun.
  uint64_t output_bytes = uint64_t{1} << 20;
};

struct HttpSettings {
  // Empty: no port.
  std::string listen = {};
  // Whose first line those have to show who change something; and what that
  // is. Empty: they have to come from this machine.
  std::string admin_token_file = {};
  std::string admin_token = {};
};

// What `trimaran serve` has been told.
struct Settings {
  std::string directory = {};
  // Of the database. `log` is not set.
  Options options = {};
  RedisSettings redis = {};
  LimitSettings limits = {};
  HttpSettings http = {};
};

// The settings before anybody has said anything: some of the library's defaults
// are not those of a server.
//
// Thread: any.
Settings DefaultSettings();

// InvalidArgument, naming the setting, for what cannot be, and for what would
// open a port to strangers without saying so.
//
// Thread: any.
absl::Status ValidateSettings(const Settings& settings);

// A setting as it is written in the file, and on the command line:
// "replica.id (--id)".
//
// Thread: any.
std::string BothNames(std::string_view key);

// An error of the library that names its options, followed by the settings that
// they are made of. Other errors stay as they are.
//
// Thread: any.
absl::Status WithSettings(const absl::Status& error);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_SETTINGS_H_
