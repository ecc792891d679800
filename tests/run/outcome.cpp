// SPDX-License-Identifier: Apache-2.0
// What one run reports: hazards with their region and holder, expectations, timeline, exit codes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;
using judge::Verdict;

// A driver reads a buffer that a device has written; the fix invalidates.
const std::string kReceive = R"(
schema: 1
scenario: test/receive
about: A driver reads what a device wrote.
memory:
  buf: { base: 0x8000_0000, size: 256 }
init:
  - { region: buf, bytes: 0x11 }
agents:
  cpu: { core: 0 }
  nic: { device: non-coherent }
program:
  cpu: |
    ldr x0, [buf]
    .doorbell nic
    .await nic
    [fix] dc ivac, buf[..]
    [fix] dsb sy
    ldr x1, [buf]
    .expect x1 == 0x2222_2222_2222_2222
  nic: |
    .await cpu
    .fill buf, 0x22
    .complete
variants:
  bug: { hazards: [ { id: SL102, agent: cpu, region: buf } ] }
  fix: {}
  wrong-id: { hazards: [ { id: SL103, agent: cpu } ] }
  wrong-verdict: { hazards: [ { id: SL102, agent: cpu, verdict: latent } ] }
)";

// A CPU writes, a device reads memory.
const std::string kTransmit = R"(
schema: 1
scenario: test/transmit
about: A device reads what a driver wrote.
memory:
  buf: { base: 0x8000_0000, size: 64 }
agents:
  cpu: { core: 1 }
  nic: { device: non-coherent }
program:
  cpu: |
    mov x1, #0x77
    str x1, [buf]
    [fix] dc cvac, buf[..]
    dsb sy
    .doorbell nic
    .await nic
  nic: |
    .await cpu
    ldr x0, [buf]
    .complete
variants:
  bug: { hazards: [ { id: SL101, agent: nic } ] }
  fix: {}
)";

run::Result run_variant(const scenario::Document& d, const std::string& variant, run::Options options = {}) {
  return run::run(d.variant(variant), options);
}

}  // namespace

TEST_CASE("a stale copy is observed, named by region and cache, and expected where it is declared") {
  const auto d = test::parse(kReceive);
  const auto bug = run_variant(d, "bug");
  REQUIRE(bug.hazards.size() == 1);
  const auto& f = bug.hazards[0];
  CHECK(f.hazard.id == HazardId::StaleCopy);
  CHECK(f.hazard.verdict == Verdict::Observed);
  CHECK(f.expected);
  REQUIRE(f.region);
  CHECK(bug.scenario->regions.at(*f.region).name == "buf");
  REQUIRE(f.holder);
  CHECK(f.holder->cache == "L1D of core 0");
  CHECK(f.holder->since > 0);
  CHECK(f.holder->since < f.hazard.cycle);
  CHECK(bug.missing.empty());
  CHECK(bug.limit == run::Limit::None);
  CHECK(bug.exit_code(false) == 0);
  CHECK(bug.exit_code(true) == 1);
  // The wrong value is the hazard's, not a second failure.
  REQUIRE(bug.expect_failures.size() == 1);
  CHECK(bug.expect_failures[0].explained);
  CHECK(bug.expect_failures[0].text == "x1 == 0x2222222222222222: x1 is 0x1111111111111111");
}

TEST_CASE("a value that was loaded through an older translation is the hazard's") {
  const auto d = test::parse(R"(
schema: 1
scenario: test/moved
about: A page is moved without TLB maintenance.
memory:
  old: { base: 0x4000_0000, size: 4 KiB }
  new: { base: 0x4000_1000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
init:
  - { region: new, bytes: 0x22 }
agents:
  cpu: { core: 0 }
mappings:
  kernel: { tables: { at: tables }, stage1: { old: normal-wb, new: normal-wb } }
program:
  cpu: |
    ldr x0, [old]
    ldr x1, =desc(new)
    str x1, [pte(old)]
    dsb ishst
    isb
    ldr x2, [old]
    ldr x3, [new]
    .expect x2 == 0x2222_2222_2222_2222
    .expect x3 == 0x1111_1111_1111_1111
variants:
  bug: { hazards: [ { id: SL104, agent: cpu }, { id: SL602, agent: cpu } ] }
)");
  const auto bug = run_variant(d, "bug");
  REQUIRE(bug.expect_failures.size() == 2);
  CHECK(bug.expect_failures[0].explained);
  CHECK_FALSE(bug.expect_failures[1].explained);
}

TEST_CASE("the fix is silent and its value is right") {
  const auto fix = run_variant(test::parse(kReceive), "fix");
  CHECK(fix.hazards.empty());
  CHECK(fix.expect_failures.empty());
  CHECK(fix.exit_code(false) == 0);
  CHECK(fix.exit_code(true) == 0);
}

TEST_CASE("a declared hazard matches on id, agent, and on the verdict if it is written") {
  const auto d = test::parse(kReceive);
  for (const char* variant : {"wrong-id", "wrong-verdict"}) {
    const auto r = run_variant(d, variant);
    CAPTURE(variant);
    REQUIRE(r.hazards.size() == 1);
    CHECK_FALSE(r.hazards[0].expected);
    CHECK(r.missing == std::vector<std::uint32_t>{0});
    CHECK(r.exit_code(false) == 1);
  }
}

TEST_CASE("the newest bytes are found where they sat, dirty") {
  const auto d = test::parse(kTransmit);
  const auto bug = run_variant(d, "bug");
  REQUIRE(bug.hazards.size() == 1);
  CHECK(bug.hazards[0].hazard.id == HazardId::StaleBelowCache);
  REQUIRE(bug.hazards[0].holder);
  CHECK(bug.hazards[0].holder->cache == "L1D of core 1");
  CHECK(bug.hazards[0].holder->state == "Modified");
  CHECK(bug.exit_code(false) == 0);
  CHECK(run_variant(d, "fix").exit_code(true) == 0);
}

TEST_CASE("the timeline names the innermost region that holds all of a range") {
  const auto document = test::parse(R"(
schema: 1
scenario: test/nested
about: Regions at the same address.
memory:
  ring:  { base: 0x8000_0000, size: 256 }
  req:   { at: ring, size: 64 }
  after: { base: 0x8000_0100, size: 256 }
agents:
  cpu: { core: 0 }
program:
  cpu: |
    .fill ring, 0x11
    .fill req, 0x22
    .fill after[64..128], 0x33
variants:
  silent: {}
)");
  std::string said;
  for (const auto& m : run::run(document.variant("silent"), {}).timeline) said += m.text + "\n";
  for (const char* range : {"writes ring as", "writes req as", "writes after[64..128] as"}) {
    INFO(said);
    CHECK(said.find(range) != std::string::npos);
  }
}

TEST_CASE("the timeline tells of a poll once for each value that it reads") {
  const auto document = test::parse(R"(
schema: 1
scenario: test/poll
memory: { flag: { base: 0x8000_0000, size: 64 } }
agents: { poller: { core: 0 }, setter: { core: 1 } }
program:
  poller: |
    poll: ldr x0, [flag]
    cbz x0, poll
    mov x1, #3
    more: ldr x0, [flag]
    subs x1, x1, #1
    b.ne more
  setter: |
    .delay 2000
    mov x0, #7
    str x0, [flag]
variants: { silent: {} }
)");
  std::vector<std::string> said;
  for (const auto& m : run::run(document.variant("silent"), {}).timeline)
    if (m.agent.value == 0) said.push_back(m.text);
  REQUIRE(said.size() == 3);
  CHECK_THAT(said[0],
             Catch::StartsWith("reads flag[0..8] as Normal-WB: 0x0, ") && Catch::Contains(" times until cycle "));
  CHECK(said[1] == "reads flag[0..8] as Normal-WB: 0x7");
  CHECK_THAT(said[2], Catch::Contains(": 0x7, 3 times until cycle "));
}

TEST_CASE("the timeline tells what every agent did, in order, runs of accesses as one") {
  const auto r = run_variant(test::parse(kReceive), "bug");
  REQUIRE(r.timeline.size() >= 6);
  CHECK(std::is_sorted(r.timeline.begin(), r.timeline.end(),
                       [](const run::Moment& a, const run::Moment& b) { return a.cycle < b.cycle; }));
  const auto told = [&](const std::string& text) {
    return std::count_if(r.timeline.begin(), r.timeline.end(),
                         [&](const run::Moment& m) { return m.text.find(text) != std::string::npos; });
  };
  CHECK(told("writes buf as") == 1);
  CHECK(told("reads buf[0..8] as Normal-WB: 0x1111111111111111") == 2);
  CHECK(told("sends doorbell") == 1);
  CHECK(told("receives") == 2);
  CHECK(r.statistics.cycles > 0);
  CHECK(r.statistics.instructions == 5 + 3 + 1 - 1);
  CHECK(r.statistics.loads == 2);
}

TEST_CASE("lines that are held before cycle 0 are in the holder's cache") {
  const std::string text = R"(
schema: 1
scenario: test/held
about: Dirty and clean lines at the start.
memory:
  a: { base: 0x8000_0000, size: 64 }
  b: { base: 0x8000_0040, size: 64 }
init:
  - { region: a, bytes: 0x11 }
  - { region: a, bytes: 0x22, held: dirty, by: cpu }
  - { region: b, bytes: 0x33, held: clean, by: cpu }
agents:
  cpu: { core: 0 }
  nic: { device: non-coherent }
program:
  cpu: |
    ldr x0, [a]
    .expect x0 == 0x2222_2222_2222_2222
    ldr x1, [b]
    .expect x1 == 0x3333_3333_3333_3333
    .doorbell nic
    .await nic
  nic: |
    .await cpu
    ldr x0, [a]
    .expect x0 == 0x1111_1111_1111_1111
    ldr x1, [b]
    .expect x1 == 0x3333_3333_3333_3333
    .complete
variants:
  only: {}
)";
  for (const char* preset : {"cortex-a57", "neoverse-n1"}) {
    auto s = test::parse(text).variant("only");
    s.platform.preset = preset;
    const auto r = run::run(s, {});
    for (const auto& f : r.expect_failures) CHECK(f.text == "");
    // Intent: the dirty bytes are older than the doorbell, so the device had to see them.
    REQUIRE(r.hazards.size() == 1);
    CHECK(r.hazards[0].hazard.id == HazardId::StaleBelowCache);
    CHECK(r.hazards[0].hazard.writer.initial);
    REQUIRE(r.hazards[0].holder);
    CHECK(r.hazards[0].holder->since == 0);
  }
}

TEST_CASE("faults and placed events that find nothing are failures with their line") {
  const std::string text = R"(
schema: 1
scenario: test/faults
about: An unaligned access to Device memory, and an eviction of nothing.
memory:
  dev: { base: 0x8000_0000, size: 64 }
  ram: { base: 0x9000_0000, size: 64 }
mappings:
  v: { stage1: { dev: device-ngnre, ram: normal-wb } }
agents:
  cpu: { core: 0, view: v }
program:
  cpu: |
    ldr x1, =dev+1
    ldr w0, [x1]
schedule:
  - { after: cpu, do: evict, at: ram }
variants:
  only: {}
)";
  const auto r = run_variant(test::parse(text), "only");
  REQUIRE(r.expect_failures.size() == 2);
  CHECK(r.expect_failures[0].text.find("alignment fault at 0x80000001") == 0);
  CHECK(r.expect_failures[1].text.find("found nothing") != std::string::npos);
  CHECK(r.expect_failures[0].line.value < r.expect_failures[1].line.value);
  CHECK(r.exit_code(false) == 1);
}
