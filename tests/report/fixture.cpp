// SPDX-License-Identifier: Apache-2.0
// Results built by hand, so that reports are tested without running anything.
#include "fixture.h"

#include <fmt/format.h>

namespace staleline::report::test {
namespace {

using event::AgentId;
using event::SourceLine;

std::vector<std::string> lines() {
  return {"schema: 1",
          "scenario: guest-boot/stale-image",
          "platform: cortex-a57",
          "memory:",
          "  ram:   { base: 0x4000_0000, size: 64 MiB }",
          "  image: { at: ram+0x8_0000, size: 256 }",
          "agents:",
          "  vmm:   { core: 0, view: host }",
          "  guest: { core: 1, view: guest }",
          "program:",
          "  vmm: |",
          "          .copy    image, payload      // through the cache",
          "    [fix] dc       cvac, image[..]",
          "    [fix] dsb      sy",
          "          .handoff guest",
          "  guest: |",
          "          .await   vmm",
          "    look: ldr      x0, [image]         // Device-nGnRnE",
          "          .expect  x0 == payload[0..8]",
          "          .fetch   x1, [image+64]"};
}

judge::Hazard hazard(judge::HazardId id, judge::Verdict verdict) {
  judge::Hazard h;
  h.id = id;
  h.verdict = verdict;
  h.agent = AgentId{1};
  h.line = SourceLine{18};
  h.cycle = 1904;
  h.address = arm::PhysAddr{0x4008'0000};
  h.bytes = 8;
  h.sample_size = 8;
  h.sample_address = h.address;
  h.should = {0x0a, 0, 0, 0x14, 0x1f, 0x20, 0x03, 0xd5};
  h.writer = {AgentId{0}, SourceLine{12}, 812, false};
  h.holder = event::kCoherentDomain;
  return h;
}

}  // namespace

const scenario::Scenario& stale_image() {
  static const scenario::Scenario s = [] {
    scenario::Scenario out;
    out.file = "stale-image.yaml";
    out.name = "guest-boot/stale-image";
    out.variant = "bug";
    out.regions = {{"ram", arm::PhysAddr{0x4000'0000}, 64 << 20, SourceLine{5}},
                   {"image", arm::PhysAddr{0x4008'0000}, 256, SourceLine{6}}};
    out.agents.resize(2);
    out.agents[0].name = "vmm";
    out.agents[1].name = "guest";
    out.expected.push_back({judge::HazardId::StaleBelowCache, AgentId{1}, 1, judge::Verdict::Observed, SourceLine{9}});
    out.source_lines = lines();
    return out;
  }();
  return s;
}

Record silent() {
  Record r{"stale-image.yaml", "fix", 0, run::Result{}, {}};
  r.result->scenario = &stale_image();
  r.result->statistics.cycles = 2110;
  r.result->statistics.instructions = 7;
  return r;
}

Record observed() {
  Record r = silent();
  r.variant = "bug";
  r.exit_code = 1;
  run::FoundHazard first;
  first.hazard = hazard(judge::HazardId::StaleBelowCache, judge::Verdict::Observed);
  first.hazard.fixes = {{"dc cvac", arm::PhysAddr{0x4008'0000}, 256, AgentId{0}, SourceLine{12}, {}},
                        {"dsb sy", {}, 0, AgentId{0}, SourceLine{12}, {}}};
  first.region = 1;
  first.holder = run::HolderState{"L1D of core 0", "Modified", 812};
  run::FoundHazard second;
  second.hazard = hazard(judge::HazardId::StaleInstruction, judge::Verdict::Latent);
  second.hazard.line = SourceLine{20};
  second.hazard.sample_address = second.hazard.address = arm::PhysAddr{0x4008'0040};
  second.hazard.sample_size = 4;
  second.region = 1;
  run::FoundHazard third = second;
  third.hazard.address = third.hazard.sample_address = arm::PhysAddr{0x4008'0080};
  r.result->hazards = {first, second, third};
  r.result->expect_failures = {{AgentId{1}, SourceLine{19}, "x0 == 0xd503201f1400000a: x0 is 0x0", true}};
  auto& timeline = r.result->timeline;
  for (unsigned i = 0; i < 16; ++i)
    timeline.push_back({800 + i, AgentId{0}, SourceLine{12}, fmt::format("writes 16 bytes at image+{:#x}", 16 * i)});
  timeline.push_back({1500, AgentId{0}, SourceLine{15}, ""});
  timeline.push_back({1700, AgentId{1}, SourceLine{17}, ""});
  timeline.push_back({1904, AgentId{1}, SourceLine{18}, "reads image+0x0 from memory, Device-nGnRnE"});
  timeline.push_back({2100, AgentId{1}, SourceLine{20}, ""});
  return r;
}

Record lost() {
  Record r = silent();
  r.variant = "evicted";
  r.exit_code = 1;
  run::FoundHazard found;
  found.hazard = hazard(judge::HazardId::LostToWriteBack, judge::Verdict::Latent);
  found.hazard.culprit = judge::Deed{AgentId{0}, SourceLine{14}, 700, false};
  // Whole lines around the bytes 96 to 104 of the image, and a barrier elsewhere.
  found.hazard.fixes = {{"dc civac", arm::PhysAddr{0x4008'0040}, 64, AgentId{0}, {}, SourceLine{14}},
                        {"dsb sy", {}, 0, AgentId{0}, {}, SourceLine{14}},
                        {"dmb sy", {}, 0, AgentId{1}, {}, SourceLine{18}}};
  found.region = 1;
  r.result->hazards = {found};
  r.result->missing = {0};
  return r;
}

Record faulted() {
  Record r = observed();
  auto& h = r.result->hazards[0].hazard;
  h.id = judge::HazardId::AlignmentFault;
  h.what = "takes an Alignment fault";
  h.writer = {};
  h.fixes = {{"// align the access", {}, 0, AgentId{1}, {}, SourceLine{18}}};
  r.result->hazards.resize(1);
  return r;
}

Record refused() {
  return {"broken.yaml", "", 2, {}, {{"broken.yaml", 3, 7, "unknown key `memroy`; did you mean `memory`?"}}};
}

}  // namespace staleline::report::test
