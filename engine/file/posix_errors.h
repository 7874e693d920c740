#ifndef TRIMARAN_ENGINE_FILE_POSIX_ERRORS_H_
#define TRIMARAN_ENGINE_FILE_POSIX_ERRORS_H_

#include <string_view>

#include "absl/status/status.h"

namespace trimaran::engine {

// The one place that says what an error number of the system means here. The
// message reads "<call> <path>: <the system's words>".
//
// Thread: any.
absl::Status PosixError(int error_number, std::string_view call,
                        std::string_view path);

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FILE_POSIX_ERRORS_H_
