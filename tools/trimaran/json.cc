#include "tools/trimaran/json.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/absl_compat.h"
#include "engine/base/json_writer.h"
#include "engine/base/utf8.h"
#include "tools/trimaran/escape.h"

namespace trimaran::tool {
namespace {

// Writes a value, with what belongs beside it.
struct FieldWriter {
  std::string_view name;
  JsonWriter& json;

  void operator()(uint64_t value) const { json.Name(name).Number(value); }
  void operator()(bool value) const { json.Name(name).Bool(value); }
  void operator()(const std::string& value) const {
    json.Name(name).Text(value);
  }
  void operator()(const Binary& value) const {
    if (IsUtf8(value.bytes)) {
      json.Name(name).Text(value.bytes);
      return;
    }
    json.Name(name).Text(Escape(value.bytes));
    json.Name(absl::StrCat(ToAbsl(name), "_base64"))
        .Text(absl::Base64Escape(value.bytes));
  }
  void operator()(const std::vector<uint64_t>& value) const {
    json.Name(name).BeginList();
    for (const uint64_t each : value) json.Number(each);
    json.EndList();
  }
  void operator()(const std::vector<std::string>& value) const {
    json.Name(name).BeginList();
    for (const std::string& each : value) json.Text(each);
    json.EndList();
  }
};

}  // namespace

std::string JsonLine(const Record& record) {
  JsonWriter json;
  json.BeginObject();
  json.Name("type").Text(record.type());
  for (const Field& field : record.fields()) {
    std::visit(FieldWriter{field.name, json}, field.value);
  }
  json.EndObject();
  return json.text();
}

}  // namespace trimaran::tool
