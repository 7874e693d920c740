#ifndef TRIMARAN_REPLICATION_TCP_DIRECT_WRITER_H_
#define TRIMARAN_REPLICATION_TCP_DIRECT_WRITER_H_

#include <memory>
#include <utility>

#include "engine/base/mutex.h"
#include "replication/tcp/frame_writer.h"

namespace trimaran {

// The writer of the connection that there is, if any thread may use it: to wake
// the loop's thread takes longer than to write a few frames.
//
// Thread: any.
class DirectWriter {
 public:
  // Null: there is none any more.
  void Set(std::shared_ptr<FrameWriter> writer) {
    const MutexLock lock(mutex_);
    writer_ = std::move(writer);
  }

  // Writes what is queued. False: something is left that the loop has to see
  // to, which may be that the connection has failed.
  bool Flush() {
    std::shared_ptr<FrameWriter> writer;
    {
      const MutexLock lock(mutex_);
      writer = writer_;
    }
    return writer != nullptr && writer->Flush() == FrameWriter::Result::kDone;
  }

 private:
  Mutex mutex_;
  std::shared_ptr<FrameWriter> writer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace trimaran

#endif  // TRIMARAN_REPLICATION_TCP_DIRECT_WRITER_H_
