// SPDX-License-Identifier: Apache-2.0
// Operands that name views, translation tables and descriptors.
#include <algorithm>
#include <array>
#include <variant>
#include <vector>

#include "line.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

using Contents = Symbols::DescriptorContents;

struct Flag {
  std::string_view name;
  void (*set)(Contents&);
  unsigned excludes = 0;  // others of the same number
};

constexpr auto kFlags = std::to_array<Flag>({
    {"ro", [](Contents& c) { c.read_only = true; }, 1},
    {"rw", [](Contents& c) { c.read_only = false; }, 1},
    {"xn", [](Contents& c) { c.execute_never = true; }},
    {"ng", [](Contents& c) { c.not_global = true; }},
    {"user", [](Contents& c) { c.user = true; }},
    {"block", [](Contents& c) { c.block = true; }, 2},
    {"table", [](Contents& c) { c.table = true; }, 2},
    {"contiguous", [](Contents& c) { c.contiguous = true; }},
    {"no-af", [](Contents& c) { c.access_flag = false; }},
    {"dbm", [](Contents& c) { c.dirty_bit_modifier = true; }},
    {"invalid", [](Contents& c) { c.valid = false; }},
    {"nsh", [](Contents& c) { c.sh = arm::Shareability::NonShareable; }, 3},
    {"ish", [](Contents& c) { c.sh = arm::Shareability::InnerShareable; }, 3},
    {"osh", [](Contents& c) { c.sh = arm::Shareability::OuterShareable; }, 3},
});

/// The flag of that name, null if there is none.
const Flag* flag_named(std::string_view name) {
  const auto* const found = std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& f) { return f.name == name; });
  return found == kFlags.end() ? nullptr : found;
}

[[noreturn]] void unknown_flag(const Line& line, const Token& word) {
  std::vector<std::string_view> names;
  for (const Flag& flag : kFlags) names.push_back(flag.name);
  line.fail_suggesting(word, "unknown flag " + quoted(word.text), std::span<const std::string_view>(names));
}

/// One address: region or region+offset.
void one_address(const Line& line, const RegionPart& part) {
  if (!part.point && !part.bare) line.fail(part.token, "expected one address: a region or region+offset, not a range");
}

}  // namespace

std::uint64_t Line::resolved(const Symbols::Value& value, const Token& name, const Token& attribute) const {
  if (const auto* found = std::get_if<std::uint64_t>(&value)) return *found;
  const auto& unresolved = std::get<Symbols::Unresolved>(value);
  fail_suggesting(unresolved.in_name ? attribute : name, unresolved.message, unresolved.candidates);
}

std::string_view Line::view_name() {
  const Token view = word("a view");
  const std::vector<std::string> views = symbols_.view_names();
  bool known = false;
  for (const std::string& name : views) known = known || name == view.text;
  if (!known) fail_suggesting(view, "no view " + quoted(view.text), views);
  return view.text;
}

ViewedPart Line::viewed_part() {
  ViewedPart found;
  if (peek().kind == Token::Kind::Word && peek(1).kind == Token::Kind::Mark && peek(1).text == ":") {
    found.view = view_name();
    take();
  }
  found.part = region_part(false, false);
  return found;
}

bool Line::at_descriptor_address() const { return at_call("pte") || at_call("s2pte"); }

std::uint64_t Line::descriptor_address() {
  Symbols::DescriptorPlace place;
  place.stage = at_word("s2pte") ? 2 : 1;
  take();
  expect("(");
  const ViewedPart viewed = viewed_part();
  one_address(*this, viewed.part);
  place.view = viewed.view;
  place.region = viewed.part.region;
  place.offset = viewed.part.begin;
  if (accept(",")) place.level = static_cast<int>(immediate_in("the level", -1, 3));
  expect(")");
  return resolved(symbols_.descriptor_address(place), viewed.part.token, viewed.part.token);
}

bool Line::at_descriptor_value() const { return at_call("desc") || at_call("s2desc"); }

std::uint64_t Line::descriptor_value() {
  Contents contents;
  contents.stage = at_word("s2desc") ? 2 : 1;
  take();
  expect("(");
  const ViewedPart viewed = viewed_part();
  one_address(*this, viewed.part);
  contents.view = viewed.view;
  contents.region = viewed.part.region;
  contents.offset = viewed.part.begin;
  Token attribute = viewed.part.token;
  std::vector<const Flag*> flags;
  while (accept(",")) {
    const Token word = this->word("an attribute or a flag");
    if (const Flag* const flag = flag_named(lower(word.text))) {
      for (const Flag* const before : flags)
        if (before->excludes != 0 && before->excludes == flag->excludes && before != flag)
          fail(word, quoted(word.text) + " contradicts " + quoted(before->name));
      flags.push_back(flag);
      flag->set(contents);
      continue;
    }
    if (!contents.attribute.empty()) unknown_flag(*this, word);
    attribute = word;
    contents.attribute = lower(word.text);
    if (accept("/")) contents.attribute += "/" + lower(this->word("the outer attribute").text);
  }
  expect(")");
  return resolved(symbols_.descriptor_value(contents), viewed.part.token, attribute);
}

}  // namespace staleline::a64
