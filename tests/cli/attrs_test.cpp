// SPDX-License-Identifier: Apache-2.0
// `attrs` end to end: usage, bulk, and the page docs/attrs.md, whose examples print what it shows.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "program.h"

using namespace staleline::test;
using Catch::Contains;

TEST_CASE("attrs: the page shows what the program prints") {
  const Folder here;
  std::ifstream in(STALELINE_SOURCE_DIR "/docs/attrs.md");
  std::size_t count = 0;
  std::string line;
  while (std::getline(in, line)) {
    if (line != "```console") continue;
    REQUIRE(std::getline(in, line));
    if (!line.starts_with("$ ")) FAIL("a block starts with its command: " << line);
    std::string command = line.substr(2), expected;
    if (command.starts_with("staleline")) command = "\"$STALELINE\"" + command.substr(9);
    if (const auto next = command.find("| staleline"); next != std::string::npos)
      command.replace(next + 2, 9, "\"$STALELINE\"");
    while (std::getline(in, line) && line != "```") expected += line + "\n";
    const auto found = here.shell(command);
    INFO(command << "\n" << found.err);
    CHECK(found.code == 0);
    CHECK(found.out == expected);
    ++count;
  }
  CHECK(count >= 3);
}

TEST_CASE("attrs: mistakes end with 2 and say what to give") {
  const Folder here;
  for (const auto& [arguments, message] : {std::pair{"", "give --mair BYTE"},
                                           {"--mair 0x100", "more than the field holds (255)"},
                                           {"--mair 0 --s2-memattr 0b2", "not a binary number"},
                                           {"--mair 0 --sh isk", "did you mean `ish`?"},
                                           {"--mair 0 --fwb", "--fwb has no meaning without --s2-memattr"},
                                           {"--dc", "HCR_EL2.DC turns stage 2 on"},
                                           {"--walk --mair 0", "exclude each other"},
                                           {"--mair 0 --table mair", "--table has no meaning without --csv"},
                                           {"--csv --mair 0", "exclude each other"},
                                           {"--csv --table walks", "did you mean `walk`?"},
                                           {"word", "found `word`"}}) {
    const auto found = here.staleline(std::string("attrs ") + arguments);
    INFO(arguments);
    CHECK(found.code == 2);
    CHECK(found.out.empty());
    CHECK_THAT(found.err, Contains(message));
  }
  const auto found = here.staleline("attrs --csv --table align", "aligned\n1\n");
  CHECK(found.code == 2);
  CHECK_THAT(found.err, Contains("standard input: line 1: table align needs the columns acctype, memory"));
}
