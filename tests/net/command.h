#ifndef TRIMARAN_TESTS_NET_COMMAND_H_
#define TRIMARAN_TESTS_NET_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace trimaran::net {

// Runs a program to its end. Unavailable: there is none, or it was not content;
// the message is what it said.
//
// Thread: any.
absl::Status RunCommand(const std::vector<std::string>& words);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_COMMAND_H_
