// SPDX-License-Identifier: Apache-2.0
// `staleline run` end to end: exit codes, streams, reports, determinism.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>

#include "program.h"
#include "scenarios.h"

using namespace staleline::test;
using Catch::Contains;
using Catch::StartsWith;
using Json = nlohmann::json;

namespace {

struct Files : Folder {
  Files() {
    write("stale.yaml", kStale);
    write("quiet.yaml", kQuiet);
    write("expect.yaml", kFailedExpect);
    write("endless.yaml", kEndless);
    write("broken.yaml", kBroken);
    write("good/a.yaml", kQuiet);
    write("good/deep/b.yaml", kStale);
    write("empty/readme.txt", "nothing");
  }
};

bool each_line_matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::istringstream in(text);
  std::string line;
  bool any = false;
  while (std::getline(in, line)) {
    any = true;
    if (!std::regex_match(line, regex)) return false;
  }
  return any;
}

constexpr const char* kInputError = R"([^:]+:[0-9]+:[0-9]+: error: .+)";
constexpr const char* kUsageError = R"(staleline: error: .+)";

}  // namespace

TEST_CASE("exit codes of run") {
  struct Row {
    const char* arguments;
    int code;
  };
  const Row rows[] = {
      {"stale.yaml#fix", 0},
      {"stale.yaml#bug", 0},  // as declared
      {"--strict stale.yaml#bug", 1},
      {"--strict stale.yaml#fix", 0},
      {"stale.yaml#undeclared", 1},
      {"stale.yaml", 1},
      {"quiet.yaml#silent", 0},
      {"quiet.yaml#wrong-guess", 1},  // declared and not found
      {"expect.yaml", 1},
      {"--strict expect.yaml", 1},
      {"broken.yaml", 2},
      {"nowhere.yaml", 2},
      {"stale.yaml#nowhere", 2},
      {"empty", 2},
      {"", 2},
      {"--frobnicate stale.yaml", 2},
      {"--seed x stale.yaml", 2},
      {"--seeds 0 stale.yaml", 2},
      {"--adversary=-1 stale.yaml", 2},
      {"--set nothing=1 stale.yaml", 2},
      {"--set l1d.bytes stale.yaml", 2},
      {"--platform nowhere.yaml stale.yaml", 2},
      {"--junit no/such/folder.xml stale.yaml#fix", 2},
      {"--max-cycles 5000 endless.yaml", 3},
      {"quiet.yaml#silent stale.yaml#fix", 0},
      {"stale.yaml#fix expect.yaml", 1},
      {"--max-cycles 5000 endless.yaml expect.yaml", 1},
      {"--max-cycles 5000 endless.yaml quiet.yaml#silent", 3},
      {"--max-cycles 5000 endless.yaml expect.yaml broken.yaml", 2},
  };
  const Files here;
  for (const auto& row : rows) {
    const auto found = here.staleline(std::string("run ") + row.arguments);
    INFO("staleline run " << row.arguments << "\n" << found.out << found.err);
    CHECK(found.code == row.code);
  }
}

TEST_CASE("bad input: one line each on standard error, nothing on standard output") {
  const Files here;
  for (const char* options : {"", "--json ", "--quiet ", "--seeds 3 "}) {
    const auto broken = here.staleline(std::string("run ") + options + "broken.yaml");
    INFO(options << broken.err);
    CHECK(broken.code == 2);
    CHECK(broken.out.empty());
    CHECK(each_line_matches(broken.err, kInputError));
    CHECK_THAT(broken.err, StartsWith("broken.yaml:4:1: error: "));
    CHECK_THAT(broken.err, Contains("`schedule`"));
  }
  const auto unknown = here.staleline("run --json stale.yaml#bugg");
  CHECK(unknown.out.empty());
  CHECK(each_line_matches(unknown.err, kInputError));
  const auto nowhere = here.staleline("run nowhere.yaml");
  CHECK(nowhere.out.empty());
  CHECK(each_line_matches(nowhere.err, kInputError));
}

TEST_CASE("bad usage: staleline: error, and a suggestion") {
  const Files here;
  const auto option = here.staleline("run --strcit stale.yaml");
  CHECK(each_line_matches(option.err, kUsageError));
  CHECK_THAT(option.err, Contains("did you mean `--strict`?"));
  const auto set = here.staleline("run --set l1d.byte=64KiB stale.yaml");
  CHECK(each_line_matches(set.err, kUsageError));
  CHECK_THAT(set.err, Contains("l1d.bytes"));
  CHECK(set.out.empty());
}

TEST_CASE("the first line names the first hazard") {
  const Files here;
  const auto found = here.staleline("run stale.yaml#bug");
  CHECK_THAT(found.out,
             StartsWith("stale.yaml:22:11: hazard SL101 stale-below-cache (observed): guest reads image+0x0 = "
                        "0x0000000000000000 but vmm wrote 0x0000000000000011 at line 16"));
  CHECK_THAT(found.out, Contains("dc       cvac, image"));
  CHECK_THAT(found.out, Contains("dsb      sy"));
  CHECK(found.err.empty());
  CHECK_THAT(here.staleline("run stale.yaml#fix").out, StartsWith("stale.yaml#fix: ok (no hazard; "));
  CHECK(here.staleline("run --quiet stale.yaml#fix").out.empty());
}

TEST_CASE("the fix that is printed, pasted where it says, is a fix") {
  const Files here;
  const auto all = Json::parse(here.staleline("run --json stale.yaml#undeclared").out);
  const auto fixes = all["runs"][0]["hazards"][0]["fix"];
  REQUIRE(!fixes.empty());
  std::vector<std::string> lines;
  std::istringstream in(kStale);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::map<std::size_t, std::string> inserted;  // before this line, from 0
  for (const auto& f : fixes)
    inserted[f["line"].get<std::size_t>() - (f["where"] == "before" ? 1 : 0)] +=
        "          " + f["text"].get<std::string>() + "\n";
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += inserted[i] + lines[i] + "\n";
  here.write("pasted.yaml", text);
  const auto pasted = here.staleline("run --strict pasted.yaml#undeclared");
  INFO(text << pasted.out << pasted.err);
  CHECK(pasted.code == 0);
}

TEST_CASE("standard input, with and without a variant") {
  const Files here;
  CHECK(here.staleline("run -", kQuiet).code == 1);
  CHECK(here.staleline("run '-#silent'", kQuiet).code == 0);
  const auto broken = here.staleline("run -", kBroken);
  CHECK(broken.code == 2);
  CHECK_THAT(broken.err, StartsWith("<stdin>:4:1: error: "));
}

TEST_CASE("a folder: a table, a total, sorted") {
  const Files here;
  const auto found = here.staleline("run good");
  CHECK(found.code == 1);
  CHECK(found.out.find("good/a.yaml#silent") < found.out.find("good/deep/b.yaml#bug"));
  CHECK_THAT(found.out, Contains("total: 5 runs, 3 ok, 2 failed"));
}

TEST_CASE("JSON: the same bytes each time, for a window of one and in any colour") {
  const Files here;
  const auto first = here.staleline("run --json --adversary good");
  CHECK(first.err.empty());
  const auto all = Json::parse(first.out);
  CHECK(all["exit_code"] == 1);
  CHECK(all["runs"].size() == 5);
  CHECK(here.staleline("run --json --adversary good").out == first.out);
  CHECK(here.staleline("run --json --adversary --window 1 --color always good").out == first.out);
  CHECK(first.out.find(here.path()) == std::string::npos);
}

TEST_CASE("seeds: the union of the hazards") {
  const Files here;
  const auto found = here.staleline("run --json --adversary --seeds 5 --seed 7 stale.yaml#bug");
  CHECK(found.code == 0);
  const auto all = Json::parse(found.out);
  REQUIRE(all["runs"].size() == 5);
  CHECK(all["runs"][0]["seed"] == 7);
  CHECK(all["runs"][4]["seed"] == 11);
  REQUIRE(all["seeds"].size() == 1);
  CHECK(all["seeds"][0]["id"] == "SL101");
  CHECK(all["seeds"][0]["observed"].get<int>() + all["seeds"][0]["latent"].get<int>() == 5);
  CHECK_THAT(here.staleline("run --adversary --seeds 5 stale.yaml#bug").out, Contains("stale.yaml#bug: 5 seeds, ok"));
}

TEST_CASE("seeds without an adversary: what they vary is said, once, to people only") {
  const Files here;
  const std::string note = "staleline: note: without --adversary, seeds vary the replacement in the caches only\n";
  CHECK(here.staleline("run --seeds 2 stale.yaml").err == note);
  for (const char* options : {"--json --seeds 2", "--quiet --seeds 2", "--adversary --seeds 2", "--seeds 1", ""})
    CHECK(here.staleline(std::string("run ") + options + " stale.yaml").err.empty());
}

TEST_CASE("JUnit XML is well-formed and counts") {
  const Files here;
  CHECK(here.staleline("run --junit out.xml stale.yaml broken.yaml").code == 2);
  const auto xml = here.read("out.xml");
  CHECK_THAT(xml, Contains("tests=\"4\""));
  CHECK_THAT(xml, Contains("failures=\"1\""));
  CHECK_THAT(xml, Contains("errors=\"1\""));
  const auto parsed = here.shell(
      "if command -v python3 > /dev/null; then python3 -c 'import xml.etree.ElementTree as e; "
      "print(len(e.parse(\"out.xml\").getroot().findall(\".//testcase\")))'; else echo 4; fi");
  CHECK(parsed.out == "4\n");
}

TEST_CASE("a trace has events of every agent") {
  const Files here;
  CHECK(here.staleline("run --trace out.json stale.yaml#bug").code == 0);
  const auto events = Json::parse(here.read("out.json"))["traceEvents"];
  const auto has = [&](const char* part) {
    return std::any_of(events.begin(), events.end(),
                       [&](const Json& e) { return e["name"].get<std::string>().find(part) != std::string::npos; });
  };
  CHECK(has("write image+0x0"));
  CHECK(has("read image+0x0"));
  CHECK(has("fill image+0x0"));
}

TEST_CASE("a platform file and --set change the platform") {
  const Files here;
  const auto cycles = [&](const std::string& options) {
    const auto found = here.staleline("run --json " + options + " stale.yaml#fix");
    INFO(options << found.err);
    REQUIRE(found.code == 0);
    return Json::parse(found.out)["runs"][0]["cycles"].get<std::uint64_t>();
  };
  const auto key = Json::parse(here.staleline("list --json parameters").out)["parameters"];
  std::string memory;
  for (const auto& p : key)
    if (p["key"].get<std::string>().find("memory") != std::string::npos && p["unit"] == "cycles" && memory.empty())
      memory = p["key"];
  REQUIRE(!memory.empty());
  here.write("slow.yaml", memory + ": 5000\n");
  const auto normal = cycles("");
  CHECK(cycles("--set " + memory + "=5000") > normal + 1000);
  CHECK(cycles("--platform slow.yaml") > normal + 1000);
  CHECK(cycles("--platform slow.yaml --set " + memory + "=120") < normal + 1000);
}

TEST_CASE("an interrupted run reports what it has and exits 3") {
  const Files here;
  const auto found = here.shell("timeout --preserve-status -s INT 1 \"$STALELINE\" run --json endless.yaml");
  CHECK(found.code == 3);
  CHECK(Json::parse(found.out)["runs"][0]["limit"]["kind"] == "interrupted");
}

TEST_CASE("a reader that goes away is no error") {
  const Files here;
  const auto found = here.shell("{ \"$STALELINE\" list; echo $? > code; } | true; cat code");
  CHECK(found.out == "0\n");
  CHECK(found.err.empty());
}
