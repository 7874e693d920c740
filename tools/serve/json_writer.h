#ifndef TRIMARAN_TOOLS_SERVE_JSON_WRITER_H_
#define TRIMARAN_TOOLS_SERVE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace trimaran::serve {

// Writes JSON. Commas come by themselves; whoever opens something closes it.
// In lists names are empty.
//
// Thread: owner.
class JsonWriter {
 public:
  void OpenObject(std::string_view name = {}) { Open(name, '{'); }
  void CloseObject() { Close('}'); }
  void OpenList(std::string_view name) { Open(name, '['); }
  void CloseList() { Close(']'); }

  // Bytes that are not ASCII are shown as the characters of that number.
  void Text(std::string_view name, std::string_view value);
  void Number(std::string_view name, uint64_t value);
  void Flag(std::string_view name, bool value);
  // With the digits that are worth it; null for what is no number.
  void Real(std::string_view name, double value);

  const std::string& text() const { return text_; }

 private:
  void Begin(std::string_view name);
  void Open(std::string_view name, char bracket);
  void Close(char bracket);
  void Quote(std::string_view value);

  std::string text_;
  bool comma_ = false;
};

}  // namespace trimaran::serve

#endif  // TRIMARAN_TOOLS_SERVE_JSON_WRITER_H_
