#ifndef TRIMARAN_ENGINE_BASE_JSON_WRITER_H_
#define TRIMARAN_ENGINE_BASE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace trimaran {

// Writes JSON (RFC 8259) piece by piece, without spaces. Commas come by
// themselves; who calls sees to it that what is begun is ended, and that values
// in an object have names.
//
// Thread: owner.
class JsonWriter {
 public:
  // The name of the next value, in an object.
  JsonWriter& Name(std::string_view name);

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginList() { Begin('['); }
  void EndList() { End(']'); }

  // Bytes that are not UTF-8 become U+FFFD, so that the result always is.
  void Text(std::string_view text);
  void Number(uint64_t number);
  // With as many digits as tell it from every other number; null for what is no
  // finite number, which JSON lacks.
  void Real(double number);
  void Bool(bool value);
  void Null();

  const std::string& text() const { return text_; }

 private:
  void Begin(char bracket);
  void End(char bracket);
  // Before a value or a name: the comma that it needs.
  void Separate();
  void Quote(std::string_view text);

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace trimaran

#endif  // TRIMARAN_ENGINE_BASE_JSON_WRITER_H_
