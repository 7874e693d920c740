#ifndef TRIMARAN_TOOLS_TRIMARAN_RECORD_H_
#define TRIMARAN_TOOLS_TRIMARAN_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trimaran::tool {

// How a field is shown to people. Programs get all fields under their names.
enum class Show : uint8_t {
  // "name=value" in a line, "name  value" in a block.
  kNamed,
  // The value alone.
  kBare,
  // Not at all: what the other fields say in another form.
  kNever,
};

// Anybody's bytes, which need not be text.
struct Binary {
  std::string bytes;
  friend bool operator==(const Binary&, const Binary&) = default;
};

struct Field {
  using Value = std::variant<uint64_t, bool, std::string, Binary,
                             std::vector<uint64_t>, std::vector<std::string>>;

  std::string_view name;
  Value value;
  Show show = Show::kNamed;
  // In a line, columns that are filled up with blanks.
  size_t width = 0;
  // What people read for the name, where that means something else to them.
  std::string_view shown_as = {};

  std::string_view shown_name() const {
    return shown_as.empty() ? name : shown_as;
  }
};

// One thing that is dumped, or one thing that was found: what both printers
// (printer.h) are given.
//
// Thread: a value; any.
class Record {
 public:
  // Names are literals, in lower case with underscores.
  explicit Record(std::string_view type) : type_(type) {}

  Record& Add(Field field) {
    fields_.push_back(std::move(field));
    return *this;
  }
  Record& Number(std::string_view name, uint64_t value,
                 Show show = Show::kNamed) {
    return Add({.name = name, .value = value, .show = show});
  }
  // Text of our own, which is UTF-8.
  Record& Text(std::string_view name, std::string_view value,
               Show show = Show::kNamed) {
    return Add({.name = name, .value = std::string(value), .show = show});
  }
  Record& Flag(std::string_view name, bool value, Show show = Show::kNamed) {
    return Add({.name = name, .value = value, .show = show});
  }
  Record& Bytes(std::string_view name, std::string_view value,
                Show show = Show::kNamed) {
    return Add(
        {.name = name, .value = Binary{std::string(value)}, .show = show});
  }

  // Rows, and the group's own records between them. Programs know that as
  // "rows".
  Record& Records(uint64_t count) {
    return Add({.name = "rows", .value = count, .shown_as = "records"});
  }

  std::string_view type() const { return type_; }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::string_view type_;
  std::vector<Field> fields_;
};

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_RECORD_H_
