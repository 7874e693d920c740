#ifndef TRIMARAN_ENGINE_FORMAT_ENTRY_DECODER_H_
#define TRIMARAN_ENGINE_FORMAT_ENTRY_DECODER_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/bytes.h"
#include "engine/format/command.h"

namespace trimaran::engine {

// Reads the commands of an entry one by one:
//
//   EntryDecoder decoder(entry.payload.bytes());
//   while (decoder.Next(command)) { ... }
//   TRIMARAN_RETURN_IF_ERROR(decoder.status());
//
// A `command` that is handed in again and again lends its memory to the next
// one, so that decoding allocates nothing in the long run.
//
// Thread: owner.
class EntryDecoder {
 public:
  // `payload` outlives the decoder and the commands.
  explicit EntryDecoder(std::string_view payload);

  // Reads and validates the next command. False at the end and after an error;
  // `command` is then anything.
  bool Next(Command& command);

  // Corruption, naming the place, if the payload is not what EntryEncoder
  // makes; NewerFormatError if it is of a later format version. OK until Next()
  // has found that out.
  const absl::Status& status() const { return status_; }

  // The commands read so far.
  size_t count() const { return count_; }

 private:
  bool ReadVersion();
  bool Fail(std::string_view what);

  size_t size_;
  ByteReader reader_;
  size_t count_ = 0;
  absl::Status status_;
};

}  // namespace trimaran::engine

#endif  // TRIMARAN_ENGINE_FORMAT_ENTRY_DECODER_H_
