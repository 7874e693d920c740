#ifndef TRIMARAN_TESTS_TOOLS_TRIMARAN_PROGRAM_RUN_H_
#define TRIMARAN_TESTS_TOOLS_TRIMARAN_PROGRAM_RUN_H_

#include <filesystem>
#include <ios>
#include <map>
#include <optional>
#include <string>
#include <utility>

// Runs of the real program, whose path is in the environment variable
// TRIMARAN_BINARY, and looks at files.
//
// Thread: one.

namespace trimaran::tool {

struct Outcome {
  // -1 where a signal has ended it.
  int code = -1;
  std::string out;
  std::string err;
};

Outcome Shell(const std::string& command);
// Runs the shell command line `prefix` trimaran `words`.
Outcome Trimaran(const std::string& words, const std::string& prefix = "");
// Interrupts the program as a terminal does, when it has begun to print and
// waits for somebody to read on. Without stderr. `prefix` sets variables only.
Outcome InterruptedTrimaran(const std::string& words,
                            const std::string& prefix = "");

// The code where there can be no small disk: mounts are for root.
inline constexpr int kNoSmallDisk = 99;
// Runs the program while a file system of so many megabytes is at `small`. What
// it leaves there is listed in the output.
Outcome TrimaranOnSmallDisk(const std::string& small, int megabytes,
                            const std::string& words);

// What to put before the program so that it may do nothing that others have not
// allowed everybody; of no value where that cannot be.
std::optional<std::string> AsNobody();

std::string Contents(const std::filesystem::path& path);
void Overwrite(const std::filesystem::path& path, std::streamoff at,
               const std::string& bytes);

// Content and time of change of every file below a directory.
using Image = std::map<std::string,
                       std::pair<std::string, std::filesystem::file_time_type>>;
Image ImageOf(const std::filesystem::path& root);

// The value of a field that is no list, in one line of JSON; as it is written,
// but for quotation marks. Empty if it is not there.
std::string JsonField(const std::string& line, const std::string& name);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TESTS_TOOLS_TRIMARAN_PROGRAM_RUN_H_
