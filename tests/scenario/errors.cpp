// SPDX-License-Identifier: Apache-2.0
// Every kind of mistake, and the diagnostics that it gives, word for word.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "sample.h"

using namespace staleline::scenario;
using namespace staleline::scenario::test;

namespace {

/// One edit of the sample, and what is then said: `LINE:COL: MESSAGE`, one a line.
struct Case {
  const char *from, *to, *said;
};

const std::vector<Case> kCases = {
#include "cases.inc"
};

std::string expected(const std::string& said) {
  std::string out;
  for (std::size_t begin = 0; begin < said.size();) {
    const std::size_t end = std::min(said.find('\n', begin), said.size());
    const std::string line = said.substr(begin, end - begin);
    const std::size_t message = line.find(' ');
    out += (out.empty() ? "" : "\n") + ("s.yaml:" + line.substr(0, message)) + " error:" + line.substr(message);
    begin = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("the sample is right") { CHECK(errors_of(std::string(kGood)).empty()); }

TEST_CASE("every mistake has one diagnostic, where it stands") {
  for (const Case& c : kCases) {
    INFO("`" << c.from << "` becomes `" << c.to << "`");
    CHECK(errors_of(edited(std::string(kGood), c.from, c.to)) == expected(c.said));
  }
}

TEST_CASE("files that are no scenario at all") {
  const auto said = [](const std::string& text) { return errors_of(text); };
  CHECK(said("") == "s.yaml:1:1: error: the file is empty; expected a scenario that begins `schema: 1`");
  CHECK(said("# nothing\n") == "s.yaml:1:1: error: the file is empty; expected a scenario that begins `schema: 1`");
  CHECK(said("hello") == "s.yaml:1:1: error: expected a scenario: a mapping of keys to values; found `hello`");
  CHECK(said("- 1\n") == "s.yaml:1:1: error: expected a scenario: a mapping of keys to values; found a list");
  CHECK(said("schema: \x01") == "s.yaml:1:9: error: byte 0x01 is no text; a scenario is a UTF-8 text file");
  CHECK(said("schema: \xc0\xaf") == "s.yaml:1:9: error: byte 0xc0 is no text; a scenario is a UTF-8 text file");
  CHECK(said("&a [*a]") == "s.yaml:1:1: error: anchors (`&name`) are not allowed in a scenario");
  CHECK(said(std::string(kGood) + "---\na: 1\n") == "s.yaml:53:1: error: a second document: a scenario file holds one");
  CHECK(said(std::string(kGood) + "]\n") == "s.yaml:53:1: error: a closing bracket that nothing opened");
  CHECK(said("%YAML 1.2\n---\n" + std::string(kGood)) ==
        "s.yaml:1:1: error: YAML directives (lines that begin with `%`) are not allowed");
  CHECK(said(std::string(300 * 1024, 'a')) == "s.yaml:1:1: error: larger than 256 KiB: no scenario");
  for (const char* deep : {"[", "{a: ", "- ", "? ", "a:\n - "}) {
    std::string text;
    while (text.size() < 200 * 1024) text += deep;
    INFO(deep);
    CHECK_THAT(said(text), Catch::Contains("error:"));
  }
}

TEST_CASE("files that cannot be read") {
  const auto said = [](const std::string& path) {
    try {
      Document::load(path);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(said("/nowhere/s.yaml") == "/nowhere/s.yaml:1:1: error: no such file");
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK(said(folder) == folder + ":1:1: error: is a directory; expected a scenario file");
  CHECK(said("/dev/zero") == "/dev/zero:1:1: error: larger than 256 KiB: no scenario");
}

TEST_CASE("an unknown variant is asked for") {
  const Document document = parsed(std::string(kGood));
  CHECK_THROWS_WITH(document.variant("fxi"), "s.yaml:1:1: error: no variant `fxi`; did you mean `fix`?");
}

TEST_CASE("several mistakes are reported together, in file order, each once for all variants") {
  std::string text = edited(std::string(kGood), "ldr      w1, [flags]", "ldr w1, [flgas]");
  text = edited(text, "agent: vcpu", "agent: vpcu");
  CHECK(errors_of(text) ==
        "s.yaml:35:20: error: no region `flgas`; did you mean `flags`?\n"
        "s.yaml:49:29: error: `vpcu` is not the name of an agent; did you mean `vcpu`?");
}
