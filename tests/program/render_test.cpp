#include "actors/program/render.hpp"

#include <gtest/gtest.h>

using namespace nexte;
using namespace nexte::program;

namespace {

constexpr wall_time noon{milliseconds{1'700'000'000'000}};

} // namespace

TEST(Width, CountsWhatAPersonSees) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("Zoë"), 3u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u); // e and a combining acute
  EXPECT_EQ(display_width("漢字"), 4u);
  EXPECT_EQ(display_width("😀"), 2u);
}

TEST(Printable, TakesTheTerminalOutOfAStrangersHand) {
  EXPECT_EQ(printable("Zoë 漢😀"), "Zoë 漢😀");
  EXPECT_EQ(printable("\x1b[31mred\x07\n"), "�[31mred��");
  EXPECT_EQ(printable("\xC2\x9B"), "�"); // a C1 escape
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b"),
            "a�b"); // right-to-left override
  EXPECT_EQ(printable("a\xFF"), "a�");
  EXPECT_EQ(printable(std::string_view{"\0", 1}), "�");
}

TEST(Fitted, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdef", 5), "abcd…");
  EXPECT_EQ(fitted("漢字漢字", 6), "漢字…");
  EXPECT_EQ(fitted("漢字漢字", 1), "…");
  EXPECT_EQ(fitted("ab", 0), "");
}

TEST(Table, AlignsByWhatAPersonSees) {
  table rows{{{"NAME"}, {"N", table::side::right}, {"END"}}};
  rows.add({"Zoë", "1", "x"});
  rows.add({"漢字漢字", "12,345", ""});
  EXPECT_EQ(rows.str({}), "NAME           N  END\n"
                          "Zoë            1  x\n"
                          "漢字漢字  12,345\n");
}

TEST(Table, HasNoLineOfTitlesWithoutTitles) {
  table rows{{{""}, {""}}};
  rows.add({"key", "value"});
  EXPECT_EQ(rows.str({}), "key  value\n");
}

TEST(Table, CutsItsWidestColumnToFitTheTerminal) {
  table rows{{{"A"}, {"B"}}};
  rows.add({"abc", std::string(40, 'x')});
  EXPECT_EQ(rows.str({false, 45}).find("…"), std::string::npos);
  const auto cut = rows.str({false, 44});
  EXPECT_NE(cut.find(std::string(38, 'x') + "…\n"), std::string::npos) << cut;
  EXPECT_NE(rows.str({false, 1}).find(std::string(11, 'x') + "…\n"), std::string::npos);
}

TEST(Table, ColoursOnlyWhereTheTerminalDoesAndCountsNoColour) {
  table rows{{{""}, {""}}};
  rows.add({cell{"on", tint::green}, "|"});
  rows.add({"long", "|"});
  EXPECT_EQ(rows.str({}), "on    |\nlong  |\n");
  EXPECT_EQ(rows.str({true, 0}), "\x1b[32mon\x1b[0m    |\nlong  |\n");
}

TEST(Table, MakesCellsPrintable) {
  table rows{{{""}}};
  rows.add({"\x1b]0;owned\x07"});
  EXPECT_EQ(rows.str({}), "�]0;owned�\n");
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(Times, AreDistancesInOneUnit) {
  using namespace std::chrono_literals;
  EXPECT_EQ(distance_text({}, noon), "never");
  EXPECT_EQ(distance_text(noon - 999ms, noon), "now");
  EXPECT_EQ(distance_text(noon - 1s, noon), "1 s ago");
  EXPECT_EQ(distance_text(noon + 59s, noon), "in 59 s");
  EXPECT_EQ(distance_text(noon + 60s, noon), "in 1 min");
  EXPECT_EQ(distance_text(noon - 1h + 1ms, noon), "59 min ago");
  EXPECT_EQ(distance_text(noon - 1h, noon), "1 h ago");
  EXPECT_EQ(distance_text(noon - 48h + 1ms, noon), "47 h ago");
  EXPECT_EQ(distance_text(noon - 48h, noon), "2 d ago");
}
