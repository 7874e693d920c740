#ifndef TRIMARAN_TOOLS_SERVE_RESP_PARSER_H_
#define TRIMARAN_TOOLS_SERVE_RESP_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/serve/command.h"

namespace trimaran::serve {

struct ParserLimits {
  size_t bulk_bytes_max = size_t{16} << 20;
  // The name of the command included.
  size_t words_max = 131'073;
  // All words of a command together.
  size_t command_bytes_max = size_t{33} << 20;

  // For those who have yet to say who they are, as in Redis.
  static ParserLimits Unauthenticated() {
    return {
        .bulk_bytes_max = 16384, .words_max = 10, .command_bytes_max = 65536};
  }
};

// Reads commands of RESP2, and lines as people type them, from bytes that come
// in pieces of any size. Memory grows with what has come, never with what is
// claimed: each number is checked against its limit before anything is done.
// No I/O, no clock.
//
// Thread: owner.
class RespParser {
 public:
  enum class Result : uint8_t { kNeedMore, kCommand, kError };

  explicit RespParser(const ParserLimits& limits)
      : limits_(limits), next_limits_(limits) {}

  // Of commands that begin from now on.
  void set_limits(const ParserLimits& limits) { next_limits_ = limits; }

  // Reads up to the end of one command, and takes what it has read from the
  // front of `input`: all of it for kNeedMore. After kError there is nothing
  // more to be had from this connection.
  Result Next(std::string_view& input);

  // After kCommand, once. Not empty.
  Command Take();
  // After kError: what is wrong, for a line that begins with "-".
  const std::string& error() const { return error_; }
  // Of the command that is being read.
  size_t buffered() const { return command_.bytes() + line_.size(); }

 private:
  enum class State : uint8_t {
    kStart,
    kInline,
    kArrayLength,
    kBulkLength,
    kBulk,
    kBulkEnd,
    kFailed,
  };

  // Each takes from the input, and says what is known then.
  Result Step(std::string_view& input);
  Result ReadInline(std::string_view& input);
  Result ReadArrayLength(std::string_view& input);
  Result ReadBulkLength(std::string_view& input);
  Result ReadBulk(std::string_view& input);
  Result ReadBulkEnd(std::string_view& input);

  // Moves a line into line_, without its end. kCommand: it is whole.
  Result ReadHeader(std::string_view& input, std::string_view too_long);
  Result Fail(std::string_view what);
  Result EndCommand();

  // Of the command that is being read, and of the next one.
  ParserLimits limits_;
  ParserLimits next_limits_;
  State state_ = State::kStart;
  std::string line_;
  Command command_;
  size_t words_left_ = 0;
  size_t bulk_left_ = 0;
  std::string error_;
};

// The words of a line: separated by spaces; "..." with the escapes of C, and
// '...' as it is. False: a quotation mark is not closed, or something sticks to
// its end.
//
// Thread: any.
bool SplitInline(std::string_view line, Command& command);

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_RESP_PARSER_H_
