#ifndef TRIMARAN_TESTS_API_FREE_PORTS_H_
#define TRIMARAN_TESTS_API_FREE_PORTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trimaran {

// Ports of the loopback interface on which nobody listens now; below those that
// the system gives to whoever connects, so that none of them is taken by
// chance before it is listened on.
std::vector<uint16_t> FreePorts(size_t count);

}  // namespace trimaran

#endif  // TRIMARAN_TESTS_API_FREE_PORTS_H_
