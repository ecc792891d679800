// SPDX-License-Identifier: Apache-2.0
// Attributes and answers as text.
#include <fmt/format.h>

#include "staleline/arm/attribute_cells.h"
#include "staleline/attrs/answer.h"

namespace staleline::attrs {

namespace {

using enum arm::AttributeColumn;

std::string half(const arm::MemoryAttributes& a, arm::AttributeColumn policy, arm::AttributeColumn hint,
                 arm::AttributeColumn transience) {
  std::string out{arm::cell(policy, a)};
  for (const auto column : {hint, transience})
    if (const auto text = arm::cell(column, a); text != "-") out.append(" ").append(text);
  return out;
}

std::string line(const Fact& f) { return fmt::format("{:<13} {}  [{}]\n", f.about, f.value, f.clause); }

}  // namespace

std::string in_words(const arm::MemoryAttributes& a) {
  std::string out;
  if (a.type == arm::MemoryType::Device) {
    out = fmt::format("Device-{}", arm::cell(Device, a));
  } else {
    const auto inner = half(a, InnerAttr, InnerHint, InnerTrans), outer = half(a, OuterAttr, OuterHint, OuterTrans);
    out = inner == outer ? fmt::format("Normal, inner and outer {}", inner)
                         : fmt::format("Normal, inner {}, outer {}", inner, outer);
  }
  return fmt::format("{}, {}, {}, XS {}", out, arm::cell(Share, a), arm::cell(Tag, a), arm::cell(Xs, a));
}

std::string text_of(const Answer& answer) {
  std::string out;
  for (const auto& f : answer.stages) out += line(f);
  out += "\nmay it be\n";
  for (const auto& f : answer.may) out += "  " + line(f);
  if (answer.open.empty()) return out + "\nNothing here is CONSTRAINED UNPREDICTABLE. Clauses are those of DDI 0487.\n";
  out += "\nCONSTRAINED UNPREDICTABLE, `*` is what the model takes\n";
  for (const auto& o : answer.open) {
    out += fmt::format("  {}  [{}]\n", o.encoding, o.clause);
    for (const auto& p : o.permitted) out += fmt::format("    {} {}\n", &p == &o.permitted.front() ? '*' : ' ', p);
  }
  if (answer.results.size() > 1) {
    out += "  so that the result is one of\n";
    for (const auto& a : answer.results)
      out += fmt::format("    {} {}\n", &a == &answer.results.front() ? '*' : ' ', in_words(a));
  }
  return out + "\nClauses are those of DDI 0487.\n";
}

}  // namespace staleline::attrs
