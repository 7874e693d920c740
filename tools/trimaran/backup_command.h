#ifndef TRIMARAN_TOOLS_TRIMARAN_BACKUP_COMMAND_H_
#define TRIMARAN_TOOLS_TRIMARAN_BACKUP_COMMAND_H_

#include "tools/trimaran/subcommand.h"

namespace trimaran::tool {

// `trimaran backup`.
Subcommand BackupCommand();

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_BACKUP_COMMAND_H_
