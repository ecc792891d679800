// SPDX-License-Identifier: Apache-2.0
// Dot-directives: edges, block accesses, expectations, delays, entitlement, vectors, power.
#include <array>
#include <utility>
#include <variant>

#include "instructions.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

constexpr std::array<std::string_view, 6> kEdgeWords = {"handoff", "doorbell", "complete",
                                                        "acquire", "release",  "fetched"};

Directive start(const Line& line, Directive::Kind kind) {
  Directive d;
  d.kind = kind;
  d.line = line.number_of_line();
  return d;
}

void finish(Line& line, Instruction& i, Directive d) {
  line.expect_end();
  i.opcode = Opcode::Directive;
  i.immediate = line.program().directives.size();
  line.program().directives.push_back(std::move(d));
}

void resolve(Line& line, Directive& d, const Symbols::Resolved& resolved, const Token& token, const Token& name) {
  if (const auto* edge = std::get_if<Symbols::Edge>(&resolved)) {
    d.edge = edge->id;
    d.mechanism = edge->mechanism;
    return;
  }
  const auto& unresolved = std::get<Symbols::Unresolved>(resolved);
  line.fail_suggesting(unresolved.in_name ? name : token, unresolved.message, unresolved.candidates);
}

/// A word behind a flag that says how it is ordered.
struct EdgeOrder {
  std::string_view word;
  event::Mechanism mechanism;
};
constexpr std::array kReleased = {EdgeOrder{"release", event::Mechanism::FlagOrdered}};
constexpr std::array kAcquired = {EdgeOrder{"acquire", event::Mechanism::FlagOrdered},
                                  EdgeOrder{"fetched", event::Mechanism::Fetched}};

void ordered(Line& line, Directive& d, std::span<const EdgeOrder> orders) {
  const Token token = line.peek();
  std::vector<std::string_view> words;
  std::string expected;
  for (const EdgeOrder& o : orders) {
    words.push_back(o.word);
    expected += (expected.empty() ? "" : " or ") + quoted(o.word);
  }
  const EdgeOrder& chosen = orders[line.choice(expected, words)];
  if (d.mechanism != event::Mechanism::Flag)
    line.fail(token, "only a flag takes " + quoted(chosen.word) + "; this edge has its own order");
  if (chosen.mechanism == event::Mechanism::Fetched && line.symbols().device())
    line.fail(token, "a device executes no instructions; only the program of a PE takes `fetched`");
  d.mechanism = chosen.mechanism;
}

Span span_of(const RegionPart& part) { return {part.region.va + part.begin, part.end - part.begin, part.region.index}; }

RegionPart range(Line& line) {
  RegionPart part = line.region_part();
  if (part.point) line.fail(part.token, "expected a region or a range of one, such as `region[0..64]`");
  return part;
}

std::string bytes_text(std::uint64_t bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

void publish(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Publish);
  Token name = line.first();
  name.text = "flag";
  bool release = line.at_word("release") && line.peek(1).kind == Token::Kind::End;
  if (line.peek().kind == Token::Kind::Word && !release) {
    name = line.take();
    for (const std::string_view word : kEdgeWords) {
      if (name.text == word)
        line.fail(name, quoted(word) + " has a meaning of its own; choose another name for the flag");
    }
  }
  if (line.accept(",")) release = true;
  resolve(line, d, line.symbols().publish(name.text), name, name);
  if (release) ordered(line, d, kReleased);
  finish(line, i, std::move(d));
}

void await(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Await);
  const Token agent = line.word("an agent");
  Token name = agent;
  name.text = {};
  if (line.accept(".")) name = line.word("the name of an edge");
  resolve(line, d, line.symbols().await(agent.text, name.text), agent, name);
  if (line.accept(",")) ordered(line, d, kAcquired);
  finish(line, i, std::move(d));
}

void handoff(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Handoff);
  const Token agent = line.word("an agent");
  resolve(line, d, line.symbols().handoff(agent.text), agent, agent);
  finish(line, i, std::move(d));
}

void doorbell(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Doorbell);
  const Token device = line.word("a device");
  resolve(line, d, line.symbols().doorbell(device.text), device, device);
  finish(line, i, std::move(d));
}

void complete(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Complete);
  const Token token = line.first();
  if (!line.symbols().device()) line.fail(token, "only the program of a device completes; use .publish or .handoff");
  resolve(line, d, line.symbols().complete(), token, token);
  finish(line, i, std::move(d));
}

void copy(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Copy);
  const RegionPart destination = range(line);
  d.destination = span_of(destination);
  line.comma();
  if (line.at_payload()) {
    const Line::PayloadPart payload = line.payload_part(destination.region.payload);
    const std::uint64_t bytes = payload.end - payload.begin;
    const bool fits = destination.whole ? bytes <= d.destination.bytes : bytes == d.destination.bytes;
    if (!fits) {
      line.fail(payload.token, "the payload gives " + bytes_text(bytes) + ", the destination has " +
                                   bytes_text(d.destination.bytes) +
                                   (destination.whole ? "" : ": both must be the same length"));
    }
    d.destination.bytes = bytes;
    const auto first = payload.bytes->begin() + static_cast<std::ptrdiff_t>(payload.begin);
    d.bytes.assign(first, first + static_cast<std::ptrdiff_t>(bytes));
  } else {
    const Token token = line.peek();
    d.source = span_of(range(line));
    if (d.source.bytes != d.destination.bytes) {
      line.fail(token, "the source has " + bytes_text(d.source.bytes) + ", the destination " +
                           bytes_text(d.destination.bytes) + ": both must be the same length");
    }
  }
  finish(line, i, std::move(d));
}

void fill(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Fill);
  d.destination = span_of(range(line));
  line.comma();
  d.bytes = {static_cast<std::uint8_t>(line.immediate_in("the byte", 0, 255))};
  finish(line, i, std::move(d));
}

void read(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Read);
  d.source = span_of(range(line));
  finish(line, i, std::move(d));
}

Relation relation(Line& line) {
  static constexpr std::array<std::pair<std::string_view, Relation>, 6> kRelations = {{
      {"==", Relation::Equal},
      {"!=", Relation::NotEqual},
      {"<", Relation::Less},
      {"<=", Relation::LessEqual},
      {">", Relation::Greater},
      {">=", Relation::GreaterEqual},
  }};
  for (const auto& [mark, found] : kRelations) {
    if (line.accept(mark)) return found;
  }
  line.fail_expected("a relation (== != < <= > >=)");
}

void expect(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Expect);
  const Register r = line.x_register();
  if (r.number == kZeroRegister) line.fail(r.token, "expected x0 to x30");
  d.register_number = r.number;
  d.relation = relation(line);
  if (line.at_payload()) {
    const Line::PayloadPart payload = line.payload_part(nullptr);
    if (payload.end - payload.begin > 8)
      line.fail(payload.token, "a register compares with at most 8 bytes of a payload, such as `payload[0..8]`");
    for (std::uint64_t n = payload.end; n > payload.begin; --n) d.value = d.value << 8 | (*payload.bytes)[n - 1];
  } else {
    if (!line.at_immediate()) line.fail_expected("a number or payload bytes");
    d.value = line.immediate().value;
  }
  i.rn = r.number;
  finish(line, i, std::move(d));
}

void delay(Line& line, Instruction& i) {
  constexpr std::int64_t kLongest = 1'000'000'000'000;
  Directive d = start(line, Directive::Kind::Delay);
  d.value = line.immediate_in("the delay", 0, kLongest);
  finish(line, i, std::move(d));
}

/// .grant and .revoke: AGENT, RANGE.
void entitle(Line& line, Instruction& i, Directive::Kind kind) {
  Directive d = start(line, kind);
  const Token agent = line.word("an agent");
  const auto found = line.symbols().agent(agent.text);
  if (const auto* unresolved = std::get_if<Symbols::Unresolved>(&found))
    line.fail_suggesting(agent, unresolved->message, unresolved->candidates);
  d.agent = std::get<event::AgentId>(found);
  line.comma();
  d.destination = span_of(range(line));
  finish(line, i, std::move(d));
}

void grant(Line& line, Instruction& i) { entitle(line, i, Directive::Kind::Grant); }

void revoke(Line& line, Instruction& i) { entitle(line, i, Directive::Kind::Revoke); }

void vector(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::Vector);
  d.value = line.program().code.value + 4 * line.program().instructions.size() + line.label();
  finish(line, i, std::move(d));
}

void power_off(Line& line, Instruction& i) {
  Directive d = start(line, Directive::Kind::PowerOff);
  if (line.at_word("cluster")) {
    line.take();
    d.value = 1;
  }
  finish(line, i, std::move(d));
}

void power_on(Line& line, Instruction& i) { finish(line, i, start(line, Directive::Kind::PowerOn)); }

void emulate(Line& line, Instruction& i) { finish(line, i, start(line, Directive::Kind::Emulate)); }

constexpr Instruction kFetch{.opcode = Opcode::FETCH, .element_bytes = 4};
constexpr Instruction kWalk{.opcode = Opcode::WALK, .element_bytes = 8};
constexpr std::array<Mnemonic, 18> kDirectives = {{
    {".publish", ".publish NAME, release", publish},
    {".await", ".await AGENT.NAME, acquire", await},
    {".handoff", ".handoff AGENT", handoff, {}, kNotInDevices},
    {".doorbell", ".doorbell DEVICE", doorbell, {}, kNotInDevices},
    {".complete", ".complete", complete},
    {".copy", ".copy DESTINATION, SOURCE", copy},
    {".fill", ".fill DESTINATION, BYTE", fill},
    {".read", ".read SOURCE", read},
    {".expect", ".expect Xn == VALUE", expect},
    {".delay", ".delay CYCLES", delay},
    {".fetch", ".fetch Xd, [ADDRESS]", parse::fetch_walk, kFetch, kNotInDevices},
    {".walk", ".walk Xd, [ADDRESS]", parse::fetch_walk, kWalk, kNotInDevices},
    {".grant", ".grant AGENT, RANGE", grant, {}, kNotInDevices},
    {".revoke", ".revoke AGENT, RANGE", revoke, {}, kNotInDevices},
    {".vector", ".vector LABEL", vector, {}, kNotInDevices},
    {".poweroff", ".poweroff cluster", power_off, {}, kNotInDevices},
    {".poweron", ".poweron", power_on, {}, kNotInDevices},
    {".emulate", ".emulate", emulate, {}, kNotInDevices},
}};

}  // namespace

std::span<const Mnemonic> directives() { return kDirectives; }

}  // namespace staleline::a64
