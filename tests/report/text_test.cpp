// SPDX-License-Identifier: Apache-2.0
// Text reports: golden files for whole reports, and what each part must say.
#include "staleline/report/text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "fixture.h"
#include "golden.h"

using namespace staleline;
using namespace staleline::report;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

std::string first_line(const std::string& s) { return s.substr(0, s.find('\n')); }

}  // namespace

TEST_CASE("an observed hazard: headline, timeline, story, fix, the others, the verdict") {
  const auto found = text(test::observed(), {});
  CHECK(found == test::golden("observed.txt", found));
  CHECK(first_line(found) ==
        "stale-image.yaml:18:11: hazard SL101 stale-below-cache (observed): guest reads image+0x0 = 0x0000000000000000 "
        "but vmm wrote 0xd503201f1400000a at line 12, still dirty in L1D of core 0 since cycle 812");
}

TEST_CASE("a latent hazard with a culprit, a missing expectation, fixes before lines") {
  const auto found = text(test::lost(), {});
  CHECK(found == test::golden("lost.txt", found));
  CHECK_THAT(found, Contains("expected hazard SL101 of guest in image (observed) was not found"));
  CHECK_THAT(found, Contains("    [fix] dc       civac, image[64..128]\n"));
}

TEST_CASE("a latent hazard names the legal event that goes wrong") {
  const auto how = [](judge::HazardId id, const char* missing) {
    auto r = test::lost();
    auto& h = r.result->hazards[0].hazard;
    h.id = id;
    if (*missing != '\0') h.fixes.assign(1, {missing, {}, 0, event::AgentId{0}, event::SourceLine{12}, {}});
    const auto found = text(r, {});
    const auto at = found.find("= how: ");
    return at == std::string::npos ? "" : found.substr(at + 7, found.find('\n', at) - at - 7);
  };
  using Id = judge::HazardId;
  const std::string below = "unless the cache line happens to be written back before line 18 (cycle 1904), ";
  CHECK(how(Id::StaleBelowCache, "dc cvac") == below + "the reader gets the older bytes below that cache");
  CHECK(how(Id::StaleCopy, "dc ivac") ==
        "a fill of the cache line before line 12 (cycle 812) would keep the old bytes");
  CHECK(how(Id::StaleInstruction, "dc cvau") == below + "the fetch gets the older bytes below that cache");
  CHECK(how(Id::StaleInstruction, "ic ivau") ==
        "a fill of an instruction cache before line 12 (cycle 812) would keep the old bytes");
  CHECK(how(Id::StaleInstruction, "isb") ==
        "an instruction fetched ahead, before line 12 (cycle 812), would still be executed");
  CHECK(how(Id::StaleWalk, "dc ivac") == how(Id::StaleCopy, "dc ivac"));
  CHECK(how(Id::StaleWalk, "dc cvac") == below + "the walk gets the older bytes below that cache");
  CHECK(how(Id::LostToWriteBack, "") ==
        "a write-back of the cache line, dirty since line 14 (cycle 700), after line 12 (cycle 812) would overwrite "
        "the new bytes");
  CHECK(how(Id::LostToInvalidate, "") ==
        "unless the cache line happens to be written back before line 14 (cycle 700), the invalidate discards the new "
        "bytes");
  for (const Id id : {Id::NotOrdered, Id::StaleWalk, Id::StaleInstruction})
    CHECK(how(id, "dmb ish") ==
          "line 18 (cycle 1904) may take its bytes before the write of line 12 (cycle 812) has become visible");
  CHECK_THAT(text(test::observed(), {}), !Contains("= how:"));
}

TEST_CASE("what a TLB has kept is no copy of the line") {
  for (const bool latent : {true, false}) {
    auto r = latent ? test::lost() : test::observed();
    auto& h = r.result->hazards[0].hazard;
    const bool sure = h.verdict == judge::Verdict::Observed;
    h.id = judge::HazardId::StaleWalk;
    h.in_tlb = true;
    const auto found = text(r, {});
    CHECK_THAT(found, Contains(sure ? "and a TLB has kept the older one" : "and a TLB may keep the older one"));
    CHECK_THAT(found, !Contains("= where:"));
    if (!sure)
      CHECK_THAT(found,
                 Contains("= how: an entry that a TLB took from the descriptor before line 12 (cycle 812) would"));
  }
}

TEST_CASE("lines to paste have no blanks at their end") {
  auto r = test::observed();
  r.result->hazards[0].hazard.fixes = {{"isb", {}, 0, event::AgentId{1}, {}, event::SourceLine{18}}};
  CHECK_THAT(text(r, {}), Contains("   +     look: isb\n"));
}

TEST_CASE("TLB maintenance of both stages needs none of stage 1 behind it") {
  auto r = test::observed();
  const event::AgentId by{1};
  const event::SourceLine line{18};
  const arm::PhysAddr nowhere{0x7000'0000'0000};
  r.result->hazards[0].hazard.fixes = {{"tlbi ipas2e1is", nowhere, 4096, by, {}, line},
                                       {"dsb ish", {}, 0, by, {}, line},
                                       {"tlbi vmalle1is", {}, 0, by, {}, line},
                                       {"dsb ish", {}, 0, by, {}, line}};
  CHECK_THAT(text(r, {}), Contains("add `tlbi vmalls12e1is` and `dsb ish` to "));
  r.result->hazards[0].hazard.fixes[0] = {"tlbi vmalle1", {}, 0, by, {}, line};
  CHECK_THAT(text(r, {}), Contains("add `tlbi vmalle1` and `dsb ish` and `tlbi vmalle1is` and `dsb ish` to "));
}

TEST_CASE("what no instruction mends is advice, not a line to paste") {
  const auto found = text(test::faulted(), {});
  CHECK_THAT(found, Contains("= help: align the access\n"));
  CHECK_THAT(found, !Contains("`// align"));
  CHECK_THAT(found, !Contains("   +"));
  CHECK_THAT(found, Contains("<- what goes wrong"));
  CHECK_THAT(found, !Contains("<- the read"));
}

TEST_CASE("power that was taken away is no copy") {
  auto r = test::lost();
  r.result->hazards[0].hazard.id = judge::HazardId::LostToPowerOff;
  CHECK_THAT(text(r, {}), Contains("vmm took the power away here (cycle 700)"));
}

TEST_CASE("a silent run is one line with ok") {
  const auto found = text(test::silent(), {});
  CHECK(found == "stale-image.yaml#fix: ok (no hazard; 2110 cycles, 7 instructions)\n");
  CHECK(text(test::silent(), {.quiet = true}).empty());
}

TEST_CASE("a declared hazard is told and is ok") {
  auto r = test::observed();
  for (auto& h : r.result->hazards) h.expected = true;
  r.exit_code = 0;
  const auto found = text(r, {});
  CHECK_THAT(found, StartsWith("stale-image.yaml:18:11: hazard SL101"));
  CHECK_THAT(found, EndsWith("stale-image.yaml#bug: ok (3 hazards, as declared; 2110 cycles, 7 instructions)\n"));
  CHECK_THAT(found, !Contains("expectation failed"));  // the hazard explains it
  r.exit_code = 1;
  CHECK_THAT(text(r, {.strict = true}), Contains("FAILED (3 hazards, 1 expectation failed;"));
  CHECK_THAT(text(r, {.strict = true}), Contains("\nstale-image.yaml:19:11: expectation failed for guest: x0 == "));
  r.result->expect_failures[0] = {event::AgentId{1}, event::SourceLine{18}, "translation fault", false};
  CHECK_THAT(text(r, {}), Contains("\nstale-image.yaml:18:11: failed for guest: translation fault\n"));
}

TEST_CASE("the headline is the first hazard that fails") {
  auto r = test::observed();
  r.result->hazards[0].expected = true;
  CHECK_THAT(first_line(text(r, {})), StartsWith("stale-image.yaml:20:11: hazard SL103"));
  CHECK_THAT(first_line(text(r, {.strict = true})), StartsWith("stale-image.yaml:18:11: hazard SL101"));
}

TEST_CASE("the timeline has at most twelve rows and keeps the deeds of the story") {
  const auto found = text(test::observed(), {});
  std::istringstream in(found);
  std::string line;
  std::size_t rows = 0;
  bool inside = false, write = false, read = false;
  while (std::getline(in, line)) {
    if (line.find("cycle  agent") != std::string::npos) {
      inside = true;
      continue;
    }
    if (line.empty() && inside && rows != 0) break;
    if (!inside || line.find("...") != std::string::npos) continue;
    ++rows;
    write = write || (line.find("      812") == 2 && line.find("<- the newest bytes") != std::string::npos);
    read = read || line.find("<- the read") != std::string::npos;
  }
  CHECK(rows <= 12);
  CHECK(rows >= 8);
  CHECK(write);
  CHECK(read);
}

TEST_CASE("quiet prints one line for a failure") {
  const auto found = text(test::observed(), {.quiet = true});
  CHECK(std::count(found.begin(), found.end(), '\n') == 1);
  CHECK_THAT(found, StartsWith("stale-image.yaml:18:11: hazard SL101"));
}

TEST_CASE("colours only where they are asked for") {
  CHECK(text(test::observed(), {}).find('\x1b') == std::string::npos);
  CHECK(text(test::observed(), {.color = true}).find("\x1b[") != std::string::npos);
}

TEST_CASE("a limit is said") {
  auto r = test::silent();
  r.exit_code = 3;
  r.result->limit = run::Limit::Cycles;
  r.result->limit_text = "guest is at line 17";
  CHECK_THAT(text(r, {}), Contains("stale-image.yaml#fix: LIMIT (guest is at line 17; 2110 cycles"));
  CHECK_THAT(text(r, {}), !Contains(": ok"));
}

TEST_CASE("a note is no hazard") {
  auto r = test::observed();
  r.result->hazards.resize(1);
  r.result->hazards[0].hazard.verdict = judge::Verdict::Note;
  r.result->expect_failures.clear();
  r.exit_code = 0;
  const auto found = text(r, {.strict = true});
  CHECK_THAT(found, Contains("note SL101 stale-below-cache"));
  CHECK_THAT(found, EndsWith("ok (no hazard, 1 note; 2110 cycles, 7 instructions)\n"));
}

TEST_CASE("the table has a row a run and a total") {
  const auto found = table({test::silent(), test::observed(), test::refused()}, {});
  CHECK(found == test::golden("table.txt", found));
  CHECK_THAT(found, EndsWith("total: 3 runs, 1 ok, 1 failed, 1 bad input\n"));
}

TEST_CASE("hazards over seeds: in how many each was observed") {
  std::vector<Record> records;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    records.push_back(test::observed());
    records.back().result->options.seed = seed;
  }
  records[1].result->hazards[0].hazard.verdict = judge::Verdict::Latent;
  const auto counts = over_seeds(records);
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].id == judge::HazardId::StaleBelowCache);
  CHECK(counts[0].observed == 2);
  CHECK(counts[0].latent == 1);
  CHECK(counts[1].latent == 3);  // two hazards of one kind in a run count once
  CHECK_THAT(seeds(records, {}), Contains("SL101 stale-below-cache guest/image: observed in 2, latent in 1"));
}

TEST_CASE("codes combine: 4 before 2 before 1 before 3 before 0") {
  const int order[] = {4, 2, 1, 3, 0};
  for (int i = 0; i < 5; ++i)
    for (int j = i; j < 5; ++j) {
      CHECK(combined(order[i], order[j]) == order[i]);
      CHECK(combined(order[j], order[i]) == order[i]);
    }
}
