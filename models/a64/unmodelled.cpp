// SPDX-License-Identifier: Apache-2.0
// The names, by what can be said about them.
#include "unmodelled.h"

#include <algorithm>
#include <array>
#include <span>

namespace staleline::a64 {
namespace {

constexpr std::string_view kLevel =
    "write `.handoff AGENT` where everything before it completes; a bare exception entry or return only synchronises "
    "context: `.publish` and `.await` with the barriers that the code has";
constexpr std::string_view kTable = "mappings stay as declared; `.walk` reads a descriptor as a table walk does";
constexpr std::string_view kWait = "`.await AGENT` waits for another agent, `.delay CYCLES` for a time";
constexpr std::string_view kAtomic =
    "a flag or a lock between agents is `.publish` and `.await`, with release and acquire";
constexpr std::string_view kBlock = "`.copy`, `.fill` and `.read` move blocks, `ldp` and `stp` 16 bytes";
constexpr std::string_view kSame = "the plain load or store acts on the same copies";

constexpr auto kAddresses = std::to_array<std::string_view>({"adrp"});
constexpr auto kTables = std::to_array<std::string_view>({"tlbi", "at", "trcit", "cfp", "cpp", "dvp"});
constexpr auto kLevels = std::to_array<std::string_view>(
    {"hvc", "smc", "svc", "eret", "eretaa", "eretab", "drps", "dcps1", "dcps2", "dcps3"});
constexpr auto kWaits = std::to_array<std::string_view>({"wfe", "wfi", "wfet", "wfit", "sev", "sevl"});
constexpr auto kAtomics = std::to_array<std::string_view>(
    {"ldxr",  "ldxrb", "ldxrh",  "ldaxr",  "ldaxrb", "ldaxrh", "ldxp",   "ldaxp", "stxr",
     "stxrb", "stxrh", "stlxr",  "stlxrb", "stlxrh", "stxp",   "stlxp",  "clrex", "casp",
     "caspa", "caspl", "caspal", "ld64b",  "st64b",  "st64bv", "st64bv0"});
constexpr auto kOrdered =
    std::to_array<std::string_view>({"ldlar", "ldlarb", "ldlarh", "stllr", "stllrb", "stllrh", "ldapur", "stlur",
                                     "ldapurb", "ldapurh", "stlurb", "stlurh"});
constexpr auto kPlain = std::to_array<std::string_view>(
    {"ldtr", "ldtrb", "ldtrh", "ldtrsb", "ldtrsh", "ldtrsw", "sttr", "sttrb", "sttrh", "ldnp", "stnp"});
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"ld1",   "ld2",    "ld3",    "ld4",  "ld1r", "ld2r", "ld3r",  "ld4r",  "st1",   "st2",  "st3",  "st4",  "movi",
     "mvni",  "fmov",   "dup",    "ins",  "umov", "smov", "fadd",  "fsub",  "fmul",  "fdiv", "fcmp", "fcvt", "scvtf",
     "ucvtf", "fcvtzs", "fcvtzu", "cpyp", "cpym", "cpye", "cpyfp", "cpyfm", "cpyfe", "setp", "setm", "sete"});
constexpr auto kPrefetches = std::to_array<std::string_view>({"prfm", "prfum"});
constexpr auto kSystems = std::to_array<std::string_view>({"sys", "sysl"});
constexpr auto kEnds = std::to_array<std::string_view>({"brk", "hlt", "udf"});
constexpr auto kOthers = std::to_array<std::string_view>(
    {"sb",      "csdb",    "ssbb",    "pssbb",   "esb",    "psb",    "tsb",    "dgh",    "hint",   "bti",
     "paciasp", "pacibsp", "autiasp", "autibsp", "pacia",  "pacib",  "autia",  "autib",  "xpaci",  "retaa",
     "retab",   "adc",     "adcs",    "sbc",     "sbcs",   "ngc",    "ngcs",   "extr",   "rev",    "rev16",
     "rev32",   "rev64",   "rbit",    "clz",     "cls",    "smull",  "umull",  "smulh",  "umulh",  "smaddl",
     "umaddl",  "smsubl",  "umsubl",  "smnegl",  "umnegl", "crc32b", "crc32h", "crc32w", "crc32x", "crc32cb",
     "crc32ch", "crc32cw", "crc32cx", "stg",     "st2g",   "stzg",   "ldg",    "irg",    "gmi",    "sxtl",
     "uxtl",    "rmif",    "setf8",   "setf16",  "cfinv",  "mrrs",   "msrr"});

struct Family {
  std::string_view hint;
  std::span<const std::string_view> names;
};

constexpr auto kFamilies = std::to_array<Family>({
    {"write `adr xN, REGION+OFFSET`, or `ldr xN, =REGION+OFFSET`", kAddresses},
    {kTable, kTables},
    {kLevel, kLevels},
    {kWait, kWaits},
    {kAtomic, kAtomics},
    {"write `ldar`, `ldapr` or `stlr` with the address in a register", kOrdered},
    {kSame, kPlain},
    {kBlock, kBlocks},
    {"the `schedule` fills a line at a chosen point (`do: fill`)", kPrefetches},
    {"write `dc` or `ic` with the name of the operation", kSystems},
    {"a program ends at its last line or at `ret`", kEnds},
    {"", kOthers},
});

bool among(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// FEAT_LSE: an operation, then a, l or al, then b or h; the ST forms have no acquire.
bool is_atomic(std::string_view name) {
  constexpr std::array<std::string_view, 8> kOperations = {"add", "clr", "eor", "set", "smax", "smin", "umax", "umin"};
  const auto ends = [](std::string_view rest, bool acquire) {
    if (rest.ends_with('b') || rest.ends_with('h')) rest.remove_suffix(1);
    return rest.empty() || rest == "l" || (acquire && (rest == "a" || rest == "al"));
  };
  for (const std::string_view base : {"cas", "swp"})
    if (name.starts_with(base) && ends(name.substr(base.size()), true)) return true;
  const bool load = name.starts_with("ld");
  if (!load && !name.starts_with("st")) return false;
  return std::any_of(kOperations.begin(), kOperations.end(), [&](std::string_view operation) {
    return name.substr(2).starts_with(operation) && ends(name.substr(2 + operation.size()), load);
  });
}

}  // namespace

std::optional<std::string_view> unmodelled_instruction(std::string_view mnemonic) {
  for (const Family& family : kFamilies)
    if (among(mnemonic, family.names)) return family.hint;
  if (is_atomic(mnemonic)) return kAtomic;
  return std::nullopt;
}

std::optional<std::string_view> unmodelled_data_operation(std::string_view operation) {
  static constexpr auto kBySet =
      std::to_array<std::string_view>({"isw", "csw", "cisw", "igsw", "igdsw", "cgsw", "cgdsw", "cigsw", "cigdsw"});
  static constexpr auto kPersistent = std::to_array<std::string_view>({"cvadp", "cgvadp", "cgdvadp"});
  static constexpr auto kTagsAndRealms =
      std::to_array<std::string_view>({"igvac", "igdvac", "cgvac", "cgdvac", "cigvac", "cigdvac", "cgvap", "cgdvap",
                                       "gva", "gzva", "cipae", "cigdpae", "cvaoc", "civaoc"});
  if (among(operation, kBySet)) return "maintenance by address is, such as `civac`";
  if (among(operation, kPersistent)) return "`cvap` cleans to the Point of Persistence, `cvac` to that of Coherency";
  if (among(operation, kTagsAndRealms)) return "`ivac`, `cvac` and `civac` maintain data";
  return std::nullopt;
}

bool is_simd_register(std::string_view name) {
  if (name.size() < 2 || name.size() > 3 || std::string_view("bhsdqvz").find(name[0]) == std::string_view::npos)
    return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return digit(name[1]) && (name.size() == 2 || (name[1] >= '1' && name[1] <= '3' && digit(name[2])));
}

}  // namespace staleline::a64
