#ifndef TRIMARAN_API_SRC_LOG_ADAPTER_H_
#define TRIMARAN_API_SRC_LOG_ADAPTER_H_

#include <memory>
#include <string_view>

#include "engine/base/logging.h"
#include "trimaran/options.h"

namespace trimaran {

// Where the messages of a database go, as its options say.
std::unique_ptr<LogSink> MakeLogSink(const Options& options);

// Writes messages to stderr, as they are written where the options name no
// function.
LogFunction StderrLog();

}  // namespace trimaran

#endif  // TRIMARAN_API_SRC_LOG_ADAPTER_H_
