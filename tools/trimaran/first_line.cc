#include "tools/trimaran/first_line.h"

#include <cstdint>

#include "engine/base/status_macros.h"
#include "engine/file/file_system.h"

namespace trimaran::tool {
namespace {

constexpr uint64_t kFileBytesMax = 4096;

}  // namespace

absl::StatusOr<std::string> FirstLineOf(std::string_view option,
                                        const Arguments& arguments,
                                        Environment& environment) {
  const auto path = arguments.Value(option);
  if (!path) return std::string();
  TRIMARAN_ASSIGN_OR_RETURN(
      const std::string content,
      engine::ReadFile(environment.files, std::string(*path), kFileBytesMax));
  return content.substr(0, content.find_first_of("\r\n"));
}

}  // namespace trimaran::tool
