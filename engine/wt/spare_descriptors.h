#ifndef TRIMARAN_ENGINE_WT_SPARE_DESCRIPTORS_H_
#define TRIMARAN_ENGINE_WT_SPARE_DESCRIPTORS_H_

#include "absl/status/status.h"

namespace trimaran::wt {

// ResourceExhausted where this process has used up its file descriptors, or the
// system has. To be asked before what makes WiredTiger open files: one that it
// cannot open while it writes down a checkpoint is its end. What other threads
// open in between is not known, so this makes that rare and not impossible.
//
// Thread: any.
absl::Status CheckSpareDescriptors();

}  // namespace trimaran::wt

#endif  // TRIMARAN_ENGINE_WT_SPARE_DESCRIPTORS_H_
