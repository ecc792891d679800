// SPDX-License-Identifier: Apache-2.0
// `attrs`: what one access really is, or whole tables of attribute rules from standard input.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>

#include "command.h"
#include "staleline/arm/attribute_names.h"
#include "staleline/attrs/answer.h"
#include "staleline/attrs/tables.h"
#include "staleline/cli/cli.h"

namespace staleline::cli {
namespace {

std::uint8_t field(const po::variables_map& values, const char* name, std::uint64_t limit, std::uint8_t fallback) {
  if (values.count(name) == 0) return fallback;
  // Fields are written as the manuals write them, `0b1111`, which the grammar of scenarios does not have.
  const auto& text = values[name].as<std::string>();
  std::uint64_t value = 0;
  if (text.starts_with("0b")) {
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, 2);
    if (error != std::errc{} || end != text.data() + text.size())
      throw UsageError(fmt::format("--{}: `{}` is not a binary number", name, text));
  } else {
    value = number(values, name, fallback);
  }
  if (value > limit) throw UsageError(fmt::format("--{}: {} is more than the field holds ({})", name, value, limit));
  return static_cast<std::uint8_t>(value);
}

/// nsh, ish, osh, or the field itself.
std::uint8_t share(const po::variables_map& values, const char* name) {
  if (values.count(name) == 0) return 3;
  const auto& text = values[name].as<std::string>();
  if (text == "nsh") return 0;
  if (text == "osh") return 2;
  if (text == "ish") return 3;
  if (text.empty() || text[0] < '0' || text[0] > '9')
    throw UsageError(fmt::format("--{}: `{}` is none of nsh, ish, osh, 0 to 3{}", name, text,
                                 suggestion(text, arm::shareability_names())));
  return field(values, name, 3, 3);
}

attrs::Question question(const po::variables_map& values) {
  const auto set = [&](const char* name) { return values.count(name) != 0; };
  attrs::Question q;
  q.fetch = set("ifetch");
  q.walk = set("walk");
  q.mmu_off = set("mmu-off");
  q.dc = set("dc");
  q.dct = set("dct");
  q.c = field(values, "sctlr-c", 1, 1) != 0;
  q.i = field(values, "sctlr-i", 1, 1) != 0;
  q.mair = field(values, "mair", 255, q.mair);
  q.sh = share(values, "sh");
  q.irgn = field(values, "irgn", 3, q.irgn);
  q.orgn = field(values, "orgn", 3, q.orgn);
  if (set("s2-memattr")) q.s2_memattr = field(values, "s2-memattr", 15, 15);
  q.s2_sh = share(values, "s2-sh");
  q.fwb = set("fwb");
  q.cd = set("cd");
  q.id = set("id");
  q.ptw = set("ptw");
  q.features = {.xs = !set("no-xs"), .mte2 = !set("no-mte2"), .mte_perm = set("mte-perm")};

  const auto needs = [&](const char* name, bool there, std::string_view what) {
    if (set(name) && !there) throw UsageError(fmt::format("attrs: --{} has no meaning without {}", name, what));
  };
  const auto clash = [&](const char* one, const char* other) {
    if (set(one) && set(other)) throw UsageError(fmt::format("attrs: --{} and --{} exclude each other", one, other));
  };
  for (const char* name : {"s2-sh", "fwb", "cd", "id", "ptw", "mte-perm"})
    needs(name, q.s2_memattr.has_value(), "--s2-memattr");
  needs("dc", q.s2_memattr.has_value(), "--s2-memattr: HCR_EL2.DC turns stage 2 on");
  needs("dct", q.dc, "--dc");
  for (const char* name : {"irgn", "orgn", "ptw"}) needs(name, q.walk, "--walk");
  for (const char* name : {"mair", "ifetch", "mmu-off", "dc"}) clash("walk", name);
  for (const char* off : {"mmu-off", "dc"})
    for (const char* name : {"mair", "sh"}) clash(off, name);
  if (!set("mair") && !q.walk && !q.mmu_off && !q.dc)
    throw UsageError("attrs: give --mair BYTE, --mmu-off, --dc or --walk; `staleline attrs --help` has examples");
  return q;
}

int bulk(const po::variables_map& values) {
  for (const auto& [name, value] : values)
    if (name != "csv" && name != "table" && !value.defaulted())
      throw UsageError(fmt::format("attrs: --{} and --csv exclude each other", name));
  const std::string table = values.count("table") != 0 ? values["table"].as<std::string>() : "s1s2";
  const auto names = attrs::table_names();
  if (std::find(names.begin(), names.end(), table) == names.end())
    throw UsageError(
        fmt::format("attrs: there is no table `{}` ({}){}", table, fmt::join(names, ", "), suggestion(table, names)));
  std::ios::sync_with_stdio(false);
  try {
    attrs::fill_table(table, std::cin, print);
  } catch (const attrs::TableError& e) {
    throw UsageError(fmt::format("attrs: standard input: {}", e.what()));
  }
  return kAsExpected;
}

int run_attrs(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  const auto text = [](const char* shown) { return po::value<std::string>()->value_name(shown); };
  options.add_options()("mair", text("BYTE"), "the MAIR_EL1 byte that stage 1's descriptor selects");
  options.add_options()("sh", text("SH"), "stage 1 SH: nsh, ish (the default), osh, or 0 to 3");
  options.add_options()("s2-memattr", text("BITS"), "stage 2 MemAttr, such as 0b1111; without it stage 2 is off");
  options.add_options()("s2-sh", text("SH"), "stage 2 SH (default ish)");
  options.add_options()("fwb", "HCR_EL2.FWB: stage 2 forces the type")("cd", "HCR_EL2.CD: stage 2 data caches off");
  options.add_options()("id", "HCR_EL2.ID: stage 2 instruction caches off");
  options.add_options()("sctlr-c", text("0|1"), "SCTLR_EL1.C, stage 1 data caches (default 1)");
  options.add_options()("sctlr-i", text("0|1"), "SCTLR_EL1.I, stage 1 instruction caches (default 1)");
  options.add_options()("mmu-off", "stage 1 is off (SCTLR_EL1.M 0)")("dc", "HCR_EL2.DC: stage 1 off, Write-Back");
  options.add_options()("dct", "HCR_EL2.DCT: and Tagged")("ifetch", "an instruction fetch, not a data access");
  options.add_options()("walk", "a stage 1 table walk; --sh, --irgn and --orgn are TCR_EL1's");
  options.add_options()("irgn", text("0..3"), "inner cacheability of the walk (default 1, Write-Back)");
  options.add_options()("orgn", text("0..3"), "outer cacheability of the walk (default 1, Write-Back)");
  options.add_options()("ptw", "HCR_EL2.PTW: a walk in stage 2 Device memory faults");
  options.add_options()("no-xs", "a PE without FEAT_XS")("no-mte2", "a PE without FEAT_MTE2");
  options.add_options()("mte-perm", "a PE with FEAT_MTE_PERM");
  options.add_options()("csv", "read a table's input columns, write the whole table");
  options.add_options()("table", text("TABLE"), "s1s2 (the default), mair, s2, s1off, s1off-s2, walk, walk-s2, align");
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  if (!words.empty()) throw UsageError(fmt::format("attrs: takes options only, found `{}`", words[0]));
  if (values.count("csv") != 0) return bulk(values);
  if (values.count("table") != 0) throw UsageError("attrs: --table has no meaning without --csv");
  print(attrs::text_of(attrs::answer(question(values))));
  return kAsExpected;
}

}  // namespace

const Command kAttrs{"attrs", "attrs [OPTIONS]",
                     "Tell what an access really is, from the fields of its descriptors.\n"
                     "With --csv, do so for a whole table on standard input.",
                     "  staleline attrs --mair 0x44 --sh ish --s2-memattr 0b1111 --s2-sh ish\n"
                     "  staleline attrs --mair 0x00 --s2-memattr 0b0110 --fwb\n"
                     "  staleline attrs --mmu-off --ifetch\n"
                     "  staleline attrs --walk --irgn 1 --orgn 1 --s2-memattr 0 --ptw\n"
                     "  staleline attrs --csv --table s1s2 < inputs.csv > table.csv\n",
                     run_attrs};

}  // namespace staleline::cli
