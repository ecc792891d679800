// SPDX-License-Identifier: Apache-2.0
// Dot-directives: what they resolve to.
#include "harness.h"

using namespace staleline;
using namespace staleline::a64;
using namespace staleline::a64::test;
using Kind = Directive::Kind;

namespace {

Directive directive_of(const std::string& text, bool device = false) {
  const Program program = program_of(text, device);
  REQUIRE(program.directives.size() == 1);
  Registers r;
  const Step step = issue(program, 0, r, r);
  CHECK(step.what == Step::What::Directive);
  CHECK(step.directive == 0);
  CHECK(program.directives[0].line.value == 10);
  return program.directives[0];
}

}  // namespace

TEST_CASE("edges carry their id and mechanism") {
  using event::Mechanism;
  struct Row {
    const char* text;
    Kind kind;
    unsigned edge;
    Mechanism mechanism;
  };
  const Row rows[] = {{".publish", Kind::Publish, 0, Mechanism::Flag},
                      {".publish freed", Kind::Publish, 1, Mechanism::Flag},
                      {".publish freed, release", Kind::Publish, 1, Mechanism::FlagOrdered},
                      {".publish release", Kind::Publish, 0, Mechanism::FlagOrdered},
                      {".publish , release", Kind::Publish, 0, Mechanism::FlagOrdered},
                      {".await cpu", Kind::Await, 0, Mechanism::Flag},
                      {".await cpu.freed", Kind::Await, 1, Mechanism::Flag},
                      {".await cpu.freed, acquire", Kind::Await, 1, Mechanism::FlagOrdered},
                      {".await cpu.freed, fetched", Kind::Await, 1, Mechanism::Fetched},
                      {".AWAIT cpu , ACQUIRE", Kind::Await, 0, Mechanism::FlagOrdered},
                      {".await guest", Kind::Await, 2, Mechanism::Handoff},
                      {".await nic.complete", Kind::Await, 4, Mechanism::Completion},
                      {".handoff guest", Kind::Handoff, 2, Mechanism::Handoff},
                      {".doorbell nic", Kind::Doorbell, 3, Mechanism::Doorbell}};
  for (const Row& row : rows) {
    INFO(row.text);
    const Directive d = directive_of(row.text);
    CHECK(d.kind == row.kind);
    CHECK(d.edge.value == row.edge);
    CHECK(d.mechanism == row.mechanism);
  }
  CHECK(directive_of(".complete", true).mechanism == Mechanism::Completion);
}

TEST_CASE("copies take spans or payload bytes") {
  const Directive between = directive_of(".copy buf[8..72], image[0..64]");
  CHECK(between.destination.begin.value == 0x8000'0008);
  CHECK(between.destination.bytes == 64);
  CHECK(between.destination.region == 1);
  CHECK(between.source.begin.value == 0xffff'0000'4008'0000);
  CHECK(between.bytes.empty());

  const Directive whole = directive_of(".copy image, payload");
  CHECK(whole.destination.bytes == 100);  // shorter than the region: only the payload is written
  CHECK(whole.bytes.size() == 100);
  CHECK(whole.bytes[99] == 100);

  const Directive part = directive_of(".copy buf[0..4], payload(image)[10..14]");
  CHECK(part.destination.bytes == 4);
  CHECK(part.bytes == std::vector<std::uint8_t>{11, 12, 13, 14});
  CHECK(directive_of(".copy image[..], payload[90..]").bytes.size() == 10);
}

TEST_CASE("fills, reads, delays") {
  const Directive fill = directive_of(".fill buf[64..128], 0xa5");
  CHECK(fill.kind == Kind::Fill);
  CHECK(fill.destination.begin.value == 0x8000'0040);
  CHECK(fill.bytes == std::vector<std::uint8_t>{0xa5});
  CHECK(directive_of(".read buf").source.bytes == 256);
  CHECK(directive_of(".delay 1_000").value == 1000);
}

TEST_CASE("expectations compare a register with a number or payload bytes") {
  using enum Relation;
  const std::pair<const char*, Relation> relations[] = {{"==", Equal},     {"!=", NotEqual}, {"<", Less},
                                                        {"<=", LessEqual}, {">", Greater},   {">=", GreaterEqual}};
  for (const auto& [spelled, relation] : relations) {
    const Directive d = directive_of(std::string(".expect x7 ") + spelled + " 0x42");
    CHECK(d.kind == Kind::Expect);
    CHECK(d.relation == relation);
    CHECK(d.register_number == 7);
    CHECK(d.value == 0x42);
  }
  CHECK(directive_of(".expect x0 == payload[0..8]").value == 0x0807'0605'0403'0201);
  CHECK(directive_of(".expect x0 == payload(image)[97..]").value == 0x64'6362);
  CHECK(directive_of(".expect x0==-1").value == ~std::uint64_t{0});
}

TEST_CASE("edge declarations are found before anything is resolved") {
  const auto found =
      edge_declarations(source_of(".publish\n"
                                  "a: .publish freed, release // said twice\n"
                                  "  .publish release\n"
                                  "nonsense ]] .handoff\n"
                                  "  .handoff guest\n"
                                  ".doorbell nic\n"
                                  " .complete\n"
                                  ".await cpu.freed\n"
                                  ".handoff\n"
                                  ".publish freed"));
  struct Row {
    Kind kind;
    const char* name;
    std::uint32_t line, column;
  };
  const Row rows[] = {{Kind::Publish, "flag", 10, 3},  {Kind::Publish, "freed", 11, 15},
                      {Kind::Publish, "flag", 12, 5},  {Kind::Handoff, "guest", 14, 14},
                      {Kind::Doorbell, "nic", 15, 13}, {Kind::Complete, "", 16, 4},
                      {Kind::Publish, "freed", 19, 12}};
  REQUIRE(found.size() == std::size(rows));
  for (std::size_t n = 0; n < found.size(); ++n) {
    INFO(n);
    CHECK(found[n].kind == rows[n].kind);
    CHECK(found[n].name == rows[n].name);
    CHECK(found[n].line == rows[n].line);
    CHECK(found[n].column == rows[n].column);
  }
}

TEST_CASE("names of programs") {
  for (const char* name : {"x0", "W30", "xzr", "sp", "WSP", "payload"}) CHECK(is_reserved_name(name));
  for (const char* name : {"x31", "x00", "buf", "flag", "x", "w"}) CHECK_FALSE(is_reserved_name(name));
  for (const char* name : {"a", "_", "fix-snoop", "ram0", "a_b"}) CHECK(is_name(name));
  for (const char* name : {"", "0a", "a-", "-a", "a b", "a.b", "a--b", "\xc3\xa9"}) CHECK_FALSE(is_name(name));
}

TEST_CASE("entitlement, vectors and power") {
  const Directive grant = directive_of(".grant nic, buf[8..24]");
  CHECK(grant.kind == Kind::Grant);
  CHECK(grant.agent.value == 2);
  CHECK(grant.destination.begin.value == 0x8000'0008);
  CHECK(grant.destination.bytes == 16);
  CHECK(grant.destination.region == 1);
  CHECK(directive_of(".revoke guest, line").kind == Kind::Revoke);
  CHECK(directive_of(".poweroff").kind == Kind::PowerOff);
  CHECK(directive_of(".poweroff").value == 0);
  CHECK(directive_of(".poweroff cluster").kind == Kind::PowerOff);
  CHECK(directive_of(".poweroff cluster").value == 1);
  CHECK(directive_of(".poweron").kind == Kind::PowerOn);
  CHECK(directive_of(".emulate").kind == Kind::Emulate);
  const Program program = program_of(".vector handler\nnop\nhandler: eret");
  REQUIRE(program.directives.size() == 1);
  CHECK(program.directives[0].kind == Kind::Vector);
  CHECK(program.directives[0].value == code_address(program, 2).value);
  CHECK(index_at(program, {program.directives[0].value}) == 2);
  CHECK(index_at(program, {program.directives[0].value + 1}) == 3);
  CHECK(index_at(program, {program.directives[0].value + 4}) == 3);
}
