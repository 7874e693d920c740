#ifndef TRIMARAN_API_C_JSON_H_
#define TRIMARAN_API_C_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "trimaran/status.h"

namespace trimaran::c {

// Writes JSON (RFC 8259) piece by piece, without spaces. Who calls sees to it
// that what is begun is ended. Bytes that are not UTF-8 become U+FFFD.
//
// Thread: one at a time.
class JsonWriter {
 public:
  // The name of the next value, in an object.
  JsonWriter& Name(std::string_view name);
  void Text(std::string_view text);
  void Number(uint64_t number);
  void Seconds(double seconds);
  void Bool(bool value);
  void Null();
  void Begin(char bracket);
  void End(char bracket);

  const std::string& text() const { return text_; }

 private:
  // Before a value or a name: the comma that it needs.
  void Separate();
  void Quote(std::string_view text);

  std::string text_;
  bool needs_comma_ = false;
};

// Every field of `status` by its name; what is empty is null, a time is a
// number in seconds.
std::string StatusJson(const ReplicaStatus& status);

}  // namespace trimaran::c

#endif  // TRIMARAN_API_C_JSON_H_
