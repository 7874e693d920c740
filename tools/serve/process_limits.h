#ifndef TRIMARAN_TOOLS_SERVE_PROCESS_LIMITS_H_
#define TRIMARAN_TOOLS_SERVE_PROCESS_LIMITS_H_

#include <cstdint>

namespace trimaran::serve {

// What this process has of the machine's memory; 0 where the system does not
// say.
//
// Thread: any.
uint64_t ResidentBytes();

// Lets the process open as many files as clients need, if the system permits
// it; returns for how many clients there is room.
//
// Thread: any.
uint64_t MakeRoomForClients(uint64_t clients_max);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_PROCESS_LIMITS_H_
