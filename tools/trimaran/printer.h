#ifndef TRIMARAN_TOOLS_TRIMARAN_PRINTER_H_
#define TRIMARAN_TOOLS_TRIMARAN_PRINTER_H_

#include <memory>
#include <string_view>

#include "tools/trimaran/output.h"
#include "tools/trimaran/record.h"

namespace trimaran::tool {

// How bytes that are anybody's are shown to people.
enum class BytesStyle : uint8_t { kQuoted, kHex };

struct PrinterOptions {
  enum class Format : uint8_t { kText, kJson };
  Format format = Format::kText;
  // In text only.
  BytesStyle bytes = BytesStyle::kQuoted;
};

// Where a subcommand puts what it has found.
//
// Thread: owner.
class Printer {
 public:
  virtual ~Printer() = default;

  // What follows is about this. Programs do not see it.
  virtual void Heading(std::string_view text) = 0;
  // There is one thing of this type: its fields below each other.
  virtual void Block(const Record& record) = 0;
  // There are many: each on a line.
  virtual void Line(const Record& record) = 0;
  // A remark for people only.
  virtual void Remark(std::string_view text) = 0;

  // There is no point in printing more.
  virtual bool closed() const = 0;
};

// `out` must outlive the printer.
std::unique_ptr<Printer> MakePrinter(Output& out,
                                     const PrinterOptions& options);

}  // namespace trimaran::tool

#endif  // TRIMARAN_TOOLS_TRIMARAN_PRINTER_H_
