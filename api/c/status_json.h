#ifndef TRIMARAN_API_C_STATUS_JSON_H_
#define TRIMARAN_API_C_STATUS_JSON_H_

#include <string>

#include "trimaran/status.h"

namespace trimaran::c {

// Every field of `status` by its name; what is empty is null, a time is a
// number in seconds.
//
// Thread: any.
std::string StatusJson(const ReplicaStatus& status);

}  // namespace trimaran::c

#endif  // TRIMARAN_API_C_STATUS_JSON_H_
