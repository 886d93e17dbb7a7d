#include "cli/table.hpp"

#include "cli/quantity.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace hub::cli;

namespace {

struct printed {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  console io{in, out, err};
};

} // namespace

TEST_CASE_FIXTURE(printed, "columns are as wide as their widest cell") {
  table rows{{{"NAME"}, {"CALLS", table::align::right}, {"NOTE"}}};
  rows.add({{"a"}, {"7"}, {""}});
  rows.add({{"longer"}, {"123456"}, {"fine"}});
  rows.print(io);
  CHECK(out.str() == "NAME     CALLS  NOTE\n"
                     "a            7\n"
                     "longer  123456  fine\n");
}

TEST_CASE_FIXTURE(printed, "a narrow terminal shows the columns that tell most") {
  table rows{{{"NAME"}, {"A", table::align::right, 2}, {"B", table::align::right, 1}, {"C", table::align::right}}};
  rows.add({{"first"}, {"1111"}, {"2222"}, {"3333"}});
  auto printed_at = [&](size_t width) {
    out.str({});
    io.width = width;
    rows.print(io);
    return out.str();
  };
  CHECK(printed_at(0) == "NAME      A     B     C\nfirst  1111  2222  3333\n");
  CHECK(printed_at(23) == printed_at(0));
  CHECK(printed_at(22) == "NAME      B     C\nfirst  2222  3333\n");
  CHECK(printed_at(16) == "NAME      C\nfirst  3333\n");
  CHECK(printed_at(10) == "NAME     C\nfirst  33…\n");
}

TEST_CASE_FIXTURE(printed, "wide and accented characters are counted as they look") {
  table rows{{{"A"}, {"B"}}};
  rows.add({{"日本"}, {"x"}});
  rows.add({{"é"}, {"y"}});
  rows.print(io);
  CHECK(out.str() == "A     B\n"
                     "日本  x\n"
                     "é     y\n");
}

TEST_CASE_FIXTURE(printed, "the last column is cut where the terminal ends") {
  io.width = 12;
  table rows{{{"TOOL"}, {"DESCRIPTION"}}};
  rows.add({{"echo"}, {"says it again"}});
  rows.print(io);
  CHECK(out.str() == "TOOL  DESCR…\n"
                     "echo  says …\n");
}

TEST_CASE_FIXTURE(printed, "text from elsewhere cannot drive the terminal") {
  table rows{{{"X"}}};
  rows.add({{"a\x1b[31mb\nc\x7f\xc2\x9b\xe2\x80\xae"}});
  rows.print(io);
  CHECK(out.str() == "X\na?[31mb c???\n");
  CHECK(printable_text("a\r\n\tb\x1b") == "a\n\tb?");
  CHECK(printable_line("bad \xff byte") == "bad \xef\xbf\xbd byte");
}

TEST_CASE_FIXTURE(printed, "colours change what is written and not how wide it is") {
  io.colour = true;
  table rows{{{"S"}, {"T"}}};
  rows.add({{"ready", style::good}, {"x"}});
  rows.print(io);
  CHECK(out.str() == "\x1b[1mS\x1b[0m      \x1b[1mT\x1b[0m\n\x1b[32mready\x1b[0m  x\n");
}

TEST_CASE("quantities read as people say them") {
  CHECK(seconds_text(59) == "59 s");
  CHECK(seconds_text(60) == "1 min");
  CHECK(seconds_text(7500) == "2 h 5 min");
  CHECK(seconds_text(90000) == "1 d 1 h");
  CHECK(milliseconds_text(0.44) == "0.4 ms");
  CHECK(milliseconds_text(12.3) == "12 ms");
  CHECK(milliseconds_text(1234) == "1.2 s");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(14'200'000) == "14 MB");
  CHECK(bytes_text(2'500'000'000) == "2.5 GB");
  CHECK(counted(1, "tool") == "1 tool");
  CHECK(counted(0, "tool") == "0 tools");
}
