#ifndef TRIMARAN_TOOLS_TRIMARAN_EXIT_CODE_H_
#define TRIMARAN_TOOLS_TRIMARAN_EXIT_CODE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace trimaran::tool {

// What the program ends with. Scripts depend on the numbers: never change one.
enum class ExitCode : uint8_t {
  kOk = 0,
  // A verification has run to its end and found damage.
  kDamageFound = 1,
  kUsage = 2,
  // There is nothing at the path that this program knows.
  kNoStore = 3,
  // Another process has the store open.
  kInUse = 4,
  // Too damaged to be read any further.
  kDamaged = 5,
  // Written by a newer version than this one.
  kNewerFormat = 6,
  kPermission = 7,
  kIoError = 8,
  // There is something where something new was to be made.
  kExists = 9,
  // The disk is full, or would be.
  kNoRoom = 10,
  // What is there does not fit what was asked for, and nothing was done.
  kRefused = 11,
  // Another process listens at a port that is wanted.
  kPortInUse = 12,
  // What was asked for may have been done, or not, or may yet be.
  kOutcomeUnknown = 13,
  // By a signal; what shells make of SIGINT.
  kInterrupted = 130,
};

// What was asked for does not fit what is there: another cluster, a store that
// has changed since. kRefused. Not the same as damage.
//
// Thread: any.
absl::Status RefusedError(std::string_view message);

// An error of DB::Open, as kRefused where the directory is not what was asked
// for: with the engine such an error is damage.
//
// Thread: any.
absl::Status ErrorOfOpen(const absl::Status& error);

// An error that says that a process has the directory open, with a hint at how
// that process can be asked: `--at <scheme>://HOST:PORT`. Others stay as they
// are.
//
// Thread: any.
absl::Status WithHintIfOpen(const absl::Status& error, std::string_view scheme);

// What an error of the engine means for whoever started the program. kOk for
// OK.
//
// Thread: any.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_EXIT_CODE_H_
