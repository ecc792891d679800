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
constexpr std::string_view kBlock = "`.copy`, `.fill` and `.read` move blocks, `ldp` and `stp` of Q registers 32 bytes";

constexpr auto kTables = std::to_array<std::string_view>({"trcit", "cfp", "cpp", "dvp", "cosp"});
constexpr auto kLevels = std::to_array<std::string_view>({"eretaa", "eretab", "drps", "dcps1", "dcps2", "dcps3"});
constexpr auto kWaits = std::to_array<std::string_view>({"wfet", "wfit"});
constexpr auto kAtomics =
    std::to_array<std::string_view>({"ld64b", "st64b", "st64bv", "st64bv0", "ldclrp", "ldsetp", "swpp"});
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"ld1",    "ld2",    "ld3",  "ld4",  "ld1r", "ld2r",  "ld3r",  "ld4r",  "st1",  "st2",  "st3",   "st4",
     "mvni",   "fmov",   "ins",  "smov", "fadd", "fsub",  "fmul",  "fdiv",  "fcmp", "fcvt", "scvtf", "ucvtf",
     "fcvtzs", "fcvtzu", "cpyp", "cpym", "cpye", "cpyfp", "cpyfm", "cpyfe", "setp", "setm", "sete"});
constexpr auto kSystems = std::to_array<std::string_view>({"sys", "sysl"});
constexpr auto kEnds = std::to_array<std::string_view>({"hlt", "udf"});
constexpr auto kOthers = std::to_array<std::string_view>(
    {"ssbb", "pssbb", "pacia", "pacib", "autia", "autib", "xpaci", "xpacd", "retaa",  "retab", "stg",  "st2g",
     "stzg", "ldg",   "irg",   "gmi",   "sxtl",  "uxtl",  "rmif",  "setf8", "setf16", "cfinv", "mrrs", "msrr"});

struct Family {
  std::string_view hint;
  std::span<const std::string_view> names;
};

constexpr auto kFamilies = std::to_array<Family>({
    {kTable, kTables},
    {kLevel, kLevels},
    {kWait, kWaits},
    {kAtomic, kAtomics},
    {kBlock, kBlocks},
    {"write `dc` or `ic` with the name of the operation", kSystems},
    {"a program ends at its last line or at `ret`", kEnds},
    {"", kOthers},
});

constexpr auto kBySet = std::to_array<std::string_view>({"igsw", "igdsw", "cgsw", "cgdsw", "cigsw", "cigdsw"});
constexpr auto kPersistent = std::to_array<std::string_view>({"cvadp", "cgvadp", "cgdvadp"});
constexpr auto kTagsAndRealms =
    std::to_array<std::string_view>({"igvac", "igdvac", "cgvac", "cgdvac", "cigvac", "cigdvac", "cgvap", "cgdvap",
                                     "gva", "gzva", "cipae", "cigdpae", "cvaoc", "civaoc"});

bool among(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<std::string_view> unmodelled_instruction(std::string_view mnemonic) {
  for (const Family& family : kFamilies)
    if (among(mnemonic, family.names)) return family.hint;
  return std::nullopt;
}

std::vector<std::string_view> unmodelled_instructions() {
  std::vector<std::string_view> all;
  for (const Family& family : kFamilies) all.insert(all.end(), family.names.begin(), family.names.end());
  return all;
}

std::vector<std::string_view> unmodelled_data_operations() {
  std::vector<std::string_view> all;
  for (const std::span<const std::string_view> names :
       {std::span<const std::string_view>(kBySet), std::span<const std::string_view>(kPersistent),
        std::span<const std::string_view>(kTagsAndRealms)})
    all.insert(all.end(), names.begin(), names.end());
  return all;
}

std::optional<std::string_view> unmodelled_data_operation(std::string_view operation) {
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
