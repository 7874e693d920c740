#ifndef TRIMARAN_TOOLS_SERVE_HEALTH_H_
#define TRIMARAN_TOOLS_SERVE_HEALTH_H_

#include <string>

#include "trimaran/status.h"

namespace trimaran::serve {

// Why clients should not be sent to this replica; empty if they can be: it
// works, answers to its own heartbeat, and knows who leads.
//
// Thread: any.
std::string WhyUnhealthy(const ReplicaStatus& replica);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_HEALTH_H_
