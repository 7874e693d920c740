// Goal: text is aligned and readable, and a reader who goes away is no error.

#include "tools/trimaran/printer.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace trimaran::tool {
namespace {

// What a printer writes into a pipe.
template <typename Print>
std::string Printed(const PrinterOptions& options, Output::Style style,
                    Print print) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(::pipe(ends.data()), 0);
  {
    Output out(ends[1], style);
    print(*MakePrinter(out, options));
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return text;
}

void PrintSomething(Printer& printer) {
  Record block("block");
  block.Number("last_index", 7).Text("id", "x").Text("never", "", Show::kNever);
  Record line("line");
  line.Add({.name = "index", .value = uint64_t{7}, .width = 10})
      .Bytes("key", "k\xff", Show::kBare)
      .Add({.name = "texts",
            .value = std::vector<std::string>{"a", "b"},
            .show = Show::kBare,
            .width = 9});
  printer.Heading("One");
  printer.Block(block);
  printer.Heading("Two");
  printer.Line(line);
  printer.Remark("(more)");
}

TEST(PrinterTest, TextIsAligned) {
  EXPECT_EQ(Printed({}, Output::Style::kPlain, PrintSomething),
            "One\n"
            "  last index  7\n"
            "  id          x\n"
            "\n"
            "Two\n"
            "  index=7     \"k\\xff\"  a; b\n"
            "  (more)\n");
}

TEST(PrinterTest, PeopleReadOfRecordsAndProgramsOfRows) {
  const auto print = [](Printer& printer) {
    Record record("state");
    record.Number("index", 7).Records(5);
    printer.Block(record);
    printer.Line(record);
  };
  EXPECT_EQ(Printed({}, Output::Style::kPlain, print),
            "  index    7\n"
            "  records  5\n"
            "  index=7  records=5\n");
  PrinterOptions options;
  options.format = PrinterOptions::Format::kJson;
  const std::string line = "{\"type\":\"state\",\"index\":7,\"rows\":5}\n";
  EXPECT_EQ(Printed(options, Output::Style::kPlain, print), line + line);
}

TEST(PrinterTest, TerminalsGetColoursAndHexOnlyIfAsked) {
  PrinterOptions options;
  options.bytes = BytesStyle::kHex;
  const std::string text =
      Printed(options, Output::Style::kTerminal, PrintSomething);
  EXPECT_NE(text.find("\x1b[1mOne\x1b[0m\n"), std::string::npos);
  EXPECT_NE(text.find("  6bff  "), std::string::npos);
}

TEST(PrinterTest, ProgramsGetRecordsOnly) {
  PrinterOptions options;
  options.format = PrinterOptions::Format::kJson;
  EXPECT_EQ(
      Printed(options, Output::Style::kTerminal, PrintSomething),
      "{\"type\":\"block\",\"last_index\":7,\"id\":\"x\",\"never\":\"\"}\n"
      "{\"type\":\"line\",\"index\":7,\"key\":\"k\\\\xff\","
      "\"key_base64\":\"a/8=\",\"texts\":[\"a\",\"b\"]}\n");
}

TEST(OutputTest, ReaderThatGoesAwayIsNoError) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  Output out(ends[1], Output::Style::kPlain);
  out.Write("text");
  out.Flush();
  EXPECT_TRUE(out.closed());
  EXPECT_TRUE(out.status().ok()) << out.status();
  ::close(ends[1]);
}

TEST(OutputTest, FullDiskIsAnError) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "no /dev/full";
  Output out(full, Output::Style::kPlain);
  out.Write("text");
  out.Flush();
  EXPECT_TRUE(out.closed());
  EXPECT_EQ(out.status().code(), absl::StatusCode::kResourceExhausted);
  ::close(full);
}

}  // namespace
}  // namespace trimaran::tool
