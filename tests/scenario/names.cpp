// SPDX-License-Identifier: Apache-2.0
// Names become indexes and addresses: regions, views, agents, edges, labels.
#include <catch2/catch.hpp>

#include "sample.h"
#include "staleline/arm/attribute_names.h"

using namespace staleline;
using namespace staleline::scenario;
using namespace staleline::scenario::test;

namespace {

const Mapping* mapping(const View& view, std::uint32_t region) {
  for (const Mapping& m : view.mappings) {
    if (m.region == region) return &m;
  }
  return nullptr;
}

std::string_view class_of(const arm::MemoryAttributes& a) { return arm::spell(a); }

}  // namespace

TEST_CASE("everything in the sample is where it belongs") {
  const Document document = parsed(std::string(kGood));
  CHECK(document.name() == "test/all-sections");
  CHECK(document.about() == "Everything that a scenario may have.");
  CHECK(document.source() == "nowhere");
  CHECK(document.variants() == std::vector<std::string>{"bug", "fix", "snoop"});
  const Scenario& s = document.variant("bug");
  CHECK(s.variant == "bug");
  CHECK(s.platform.preset == "cortex-a57");
  REQUIRE(s.platform.overrides.size() == 1);
  CHECK(s.platform.overrides[0].line == 6);
  CHECK(s.platform.overrides[0].column == 11);
  CHECK(s.source_lines.at(7) == "  ram:   { base: 0x4000_0000, size: 64 KiB }");

  REQUIRE(s.regions.size() == 3);
  CHECK(s.regions[1].name == "buf");
  CHECK(s.regions[1].base.value == 0x4000'0100);
  CHECK(s.regions[1].bytes == 256);
  CHECK(s.regions[1].line.value == 9);

  REQUIRE(s.init.size() == 2);
  CHECK(s.init[0].contents == std::vector<std::uint8_t>{1, 2});
  CHECK(s.init[0].bytes == 64);
  CHECK(s.init[0].held == Init::Held::InMemory);
  CHECK(s.init[1].held == Init::Held::Dirty);
  CHECK(s.init[1].bytes == 256);

  REQUIRE(s.agents.size() == 3);
  CHECK(s.agents[1].core == 1);
  CHECK(s.agents[1].view == 1);
  CHECK(s.agents[2].kind == Agent::Kind::Device);
  CHECK_FALSE(s.agents[2].snoops);
  CHECK(document.variant("snoop").agents[2].snoops);

  REQUIRE(s.schedule.size() == 2);
  CHECK(s.schedule[0].what == Placed::What::Evict);
  CHECK(s.schedule[0].after_line.value == 29);
  CHECK(s.schedule[0].offset == 64);
  CHECK(s.schedule[0].bytes == 64);
  CHECK(s.schedule[0].optional);
  CHECK(s.schedule[1].after_line.value == 0);
  CHECK(s.schedule[1].after_agent.value == 2);
  CHECK(s.schedule[1].by.value == 0);

  REQUIRE(s.expected.size() == 2);
  CHECK(s.expected[0].id == judge::HazardId::StaleBelowCache);
  CHECK(s.expected[0].region == 1U);
  CHECK_FALSE(s.expected[0].verdict);
  CHECK(s.expected[1].verdict == judge::Verdict::Observed);
  CHECK(s.expected[1].agent.value == 2);

  const Scenario& fix = document.variant("fix");
  REQUIRE(fix.redundant.size() == 1);
  CHECK(fix.redundant[0].label == "done");
  CHECK(fix.redundant[0].agent.value == 0);
  CHECK(fix.redundant[0].instruction.value == 31);
}

TEST_CASE("edges are numbered in file order, and the end of a send is known") {
  const Scenario s = parsed(std::string(kGood)).variant("bug");
  REQUIRE(s.edges.size() == 3);
  CHECK(s.edges[0].name == "doorbell nic");
  CHECK(s.edges[1].name == "handoff vcpu");
  CHECK(s.edges[2].name == "nic.complete");
  CHECK(s.edges[2].from.value == 2);
  const auto& vcpu = s.agents[1].program.directives;
  REQUIRE(vcpu.size() == 1);
  CHECK(vcpu[0].edge.value == 1);
  CHECK(vcpu[0].mechanism == event::Mechanism::Handoff);
  CHECK(s.agents[2].program.directives[0].edge.value == 0);
  CHECK(s.agents[2].program.directives[0].mechanism == event::Mechanism::Doorbell);
}

TEST_CASE("an await names its edge where several reach it") {
  const std::string two = edited(std::string(kGood), "    .complete\n", "    .publish a\n    .publish b\n");
  CHECK(errors_of(two) == "s.yaml:34:20: error: `nic` sends several edges: name one; there are `nic.a`, `nic.b`");
  const Scenario s = parsed(edited(two, ".await   nic", ".await   nic.b")).variant("bug");
  CHECK(s.edges.at(s.agents[0].program.directives.at(2).edge.value).name == "nic.b");
  CHECK(errors_of(edited(two, ".await   nic", ".await   nic.c")) ==
        "s.yaml:34:24: error: `nic` has no edge `c`; there are `a`, `b`");
}

TEST_CASE("a mapping covers nested regions, and the innermost wins") {
  const Scenario s = parsed(std::string(kGood)).variant("bug");
  REQUIRE(s.views.size() == 2);
  const View& host = s.views[0];
  CHECK(host.always_live);
  CHECK((host.m && host.c && host.i));
  REQUIRE(host.mappings.size() == 2);  // buf is part of ram
  CHECK(class_of(mapping(host, 0)->stage1) == "normal-wb");
  CHECK(mapping(host, 0)->stage1.shareability == arm::Shareability::InnerShareable);
  CHECK(class_of(mapping(host, 2)->stage1) == "device-ngnre");
  CHECK(mapping(host, 2)->va.value == 0xffff'0000);
  // The program's symbols are virtual addresses: cpu loads from flags, its fourth instruction but for directives.
  const auto& load = s.agents[0].program.instructions.back();
  CHECK(load.immediate == 0xffff'0000);

  const View& guest = s.views[1];
  CHECK_FALSE(guest.m);
  CHECK_FALSE(guest.c);
  CHECK(guest.i);
  REQUIRE(guest.mappings.size() == 1);
  CHECK(class_of(guest.mappings[0].stage1) == "normal-wb");
  REQUIRE(guest.mappings[0].stage2);
  CHECK(class_of(*guest.mappings[0].stage2) == "normal-nc");
  CHECK(class_of(guest.walk) == "normal-nc");
}

TEST_CASE("a nested region follows the virtual address of the region around it") {
  std::string text = edited(std::string(kGood), "ram: normal-wb, flags",
                            "ram: { attr: normal-wb, va: 0x9000_0000 }, buf: normal-nc, flags");
  const Scenario s = parsed(text).variant("bug");
  REQUIRE(mapping(s.views[0], 1) != nullptr);
  CHECK(mapping(s.views[0], 1)->va.value == 0x9000'0100);
  CHECK(class_of(mapping(s.views[0], 1)->stage1) == "normal-nc");
  CHECK(s.agents[0].program.instructions.at(1).immediate == 0x9000'0100);
}

TEST_CASE("stage 2 hides what it does not map") {
  const std::string text = edited(std::string(kGood), "stage2: { ram: {", "stage2: { flags: {");
  CHECK(errors_of(text) == "s.yaml:38:17: error: region `buf` is not mapped in this agent's view");
}

TEST_CASE("without mappings all memory is Normal Write-Back at its physical address") {
  std::string text(kGood);
  const std::size_t begin = text.find("mappings:"), end = text.find("agents:");
  text.erase(begin, end - begin);
  text = edited(edited(text, ", view: host", ""), ", view: guest", "");
  const Scenario s = parsed(text).variant("bug");
  REQUIRE(s.views.size() == 1);
  CHECK(s.views[0].name == "default");
  REQUIRE(s.views[0].mappings.size() == 2);
  for (const Mapping& m : s.views[0].mappings) {
    CHECK(class_of(m.stage1) == "normal-wb");
    CHECK(m.va.value == s.regions[m.region].base.value);
  }
}

TEST_CASE("program lines keep their lines and columns, whatever the first is indented") {
  const std::string text = edited(std::string(kGood), "ldr      w1, [flags]", "ldr      w1, [flags], x2");
  CHECK_THAT(errors_of(text), Catch::StartsWith("s.yaml:35:"));
  for (const char* header : {"  cpu: |2\n", "  cpu: |-\n", "  cpu: |   # a comment\n"}) {
    INFO(header);
    CHECK(errors_of(edited(std::string(kGood), "  cpu: |\n", header)).empty());
  }
  std::string crlf;
  for (const char c : kGood) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(errors_of(crlf).empty());
  CHECK(errors_of("\xef\xbb\xbf" + std::string(kGood)).empty());
}

TEST_CASE("the template loads, whatever its name") {
  for (const char* name : {"demo", "my-driver/rx-ring", "1.5", "null", "true", "0x10", "..."}) {
    INFO(name);
    const Document document = parsed(starter(name));
    CHECK(document.name() == name);
    CHECK(document.variants() == std::vector<std::string>{"bug", "fix", "snooping"});
  }
}
