#ifndef TRIMARAN_TESTS_TOOLS_TRIMARAN_SOCKET_TALK_H_
#define TRIMARAN_TESTS_TOOLS_TRIMARAN_SOCKET_TALK_H_

#include <string>
#include <string_view>

// How a server of a test talks over a socket that does not block.

namespace trimaran::tool {

// Longer than anything of a test takes.
inline constexpr int kWaitMs = 20'000;

// False: the other side is gone.
bool SendAll(int socket, std::string_view bytes);

// What comes next; empty at the end.
std::string Receive(int socket);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TESTS_TOOLS_TRIMARAN_SOCKET_TALK_H_
