// SPDX-License-Identifier: Apache-2.0
// The page names what the program knows, and nothing else, and calls it what it is.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "instructions.h"
#include "page.h"
#include "staleline/a64/address_translation.h"
#include "staleline/arm/system_registers.h"
#include "staleline/arm/tlbi.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/platform/parameters.h"
#include "unmodelled.h"

using namespace staleline;
using Kinds = std::map<std::string, std::string>;

namespace {

const char* const kNotModelled = "not modelled";

/// Both ways: what the page has, and what there is.
void compare(const std::string& section, const Kinds& there, bool modelled_is_enough = false) {
  const Kinds page = compliance::kinds(section);
  for (const auto& [name, kind] : there) {
    INFO(section << ": " << name << " is missing or is not " << kind);
    const auto found = page.find(name);
    CHECK((found != page.end() &&
           (modelled_is_enough && kind != kNotModelled ? found->second != kNotModelled : found->second == kind)));
  }
  for (const auto& [name, kind] : page) {
    INFO(section << ": there is no " << name);
    CHECK(there.contains(name));
  }
}

}  // namespace

TEST_CASE("the page has every system register, with its kind") {
  Kinds there;
  for (const auto& r : arm::system_registers()) there.emplace(r.name, arm::name_of(r.kind));
  compare("System registers", there);
}

TEST_CASE("the page has every instruction, and those that are refused") {
  Kinds there;
  for (const auto& m : a64::mnemonics()) there.emplace(m.name, "modelled");
  for (const auto name : a64::unmodelled_instructions()) CHECK(there.emplace(name, kNotModelled).second);
  compare("Instructions", there, true);
}

TEST_CASE("an instruction that is not modelled is refused, any other is known to the assembler") {
  for (const auto& [name, kind] : compliance::kinds("Instructions")) {
    INFO(name);
    CHECK(a64::unmodelled_instruction(name).has_value() == (kind == kNotModelled));
  }
}

TEST_CASE("the page has every operation of dc and ic") {
  Kinds there;
  for (unsigned op = 0; op <= static_cast<unsigned>(arm::CacheOp::IC_IVAU); ++op)
    there.emplace(arm::name_of(static_cast<arm::CacheOp>(op)), "modelled");
  for (const auto name : a64::unmodelled_data_operations()) there.emplace("dc " + std::string(name), kNotModelled);
  compare("Cache maintenance", there, true);
}

TEST_CASE("the page has every TLBI, those of EL3 as not modelled") {
  Kinds there;
  for (const auto& t : arm::all_tlbis()) there.emplace(arm::name_of(t), t.el == 3 ? kNotModelled : "functional");
  compare("TLB maintenance", there);
}

TEST_CASE("the page has every AT") {
  Kinds there;
  for (const auto& t : a64::all_address_translations()) there.emplace(a64::name_of(t), "functional");
  compare("Address translation", there);
}

TEST_CASE("the page has every option of barriers") {
  Kinds there{{"isb", "functional"}};
  for (const auto domain :
       {arm::BarrierDomain::NSH, arm::BarrierDomain::ISH, arm::BarrierDomain::OSH, arm::BarrierDomain::SY}) {
    for (const auto access : {arm::BarrierAccess::LD, arm::BarrierAccess::ST, arm::BarrierAccess::All}) {
      const std::string option(arm::option_of({arm::BarrierKind::DSB, domain, access}));
      there.emplace("dmb " + option, "functional");
      there.emplace("dsb " + option, "functional");
    }
  }
  compare("Barriers", there);
}

TEST_CASE("the page has every directive") {
  Kinds there;
  for (const auto& m : a64::directives()) there.emplace(m.name, "modelled");
  compare("Directives", there, true);
}

TEST_CASE("the page has every quirk of platforms") {
  Kinds there;
  for (const auto& p : platform::parameter_table())
    if (p.key.starts_with("quirks.")) there.emplace(p.key, "functional");
  compare("Quirks", there);
}
