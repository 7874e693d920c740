#ifndef TRIMARAN_TOOLS_TRIMARAN_BENCH_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_BENCH_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran bench`.
Subcommand BenchCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_BENCH_COMMAND_H_
