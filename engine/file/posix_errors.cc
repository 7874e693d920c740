#include "engine/file/posix_errors.h"

#include <errno.h>

#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"

namespace trimaran::engine {
namespace {

absl::StatusCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    // Another kind of thing than was asked for, or one that is in use.
    case ELOOP:
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY:
    case EBUSY:
    case EXDEV:
    case ENXIO:
    case ETXTBSY:
    case ENAMETOOLONG:
    case EINVAL:
      return absl::StatusCode::kFailedPrecondition;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EMLINK:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status PosixError(int error_number, std::string_view call,
                        std::string_view path) {
  // strerror() is not safe with threads; the category is.
  return {CodeOf(error_number),
          absl::StrCat(ToAbsl(call), " ", ToAbsl(path), ": ",
                       ToAbsl(std::generic_category().message(error_number)))};
}

}  // namespace trimaran::engine
