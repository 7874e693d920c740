#ifndef TRIMARAN_TOOLS_TRIMARAN_CERTS_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_CERTS_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran certs`.
Subcommand CertsCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_CERTS_COMMAND_H_
