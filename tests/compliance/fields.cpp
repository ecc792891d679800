// SPDX-License-Identifier: Apache-2.0
// Fields: each bit of a register once, and those that translation is said not to look at change no translation, while
// those that it looks at do.
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <regex>
#include <set>

#include "page.h"
#include "staleline/arm/translation.h"
#include "staleline/arm/walk.h"
#include "staleline/mmu/translator.h"

using namespace staleline;
using arm::Regime;

namespace {

struct Field {
  std::string name, kind;
  unsigned high = 0, low = 0;
  [[nodiscard]] std::uint64_t mask() const {
    return (high - low == 63 ? ~std::uint64_t{0} : (std::uint64_t{1} << (high - low + 1)) - 1) << low;
  }
};

/// `NAME` 5, or `NAME` 5:3, separated by commas.
std::vector<Field> fields_below(std::string_view section) {
  const std::regex field("`([A-Za-z0-9_.]+)` ([0-9]+)(?::([0-9]+))?");
  std::vector<Field> out;
  for (const auto& row : compliance::rows()) {
    if (row.section != section) continue;
    std::size_t found = 0;
    for (auto m = std::sregex_iterator(row.first.begin(), row.first.end(), field); m != std::sregex_iterator();
         ++m, ++found) {
      const auto high = static_cast<unsigned>(std::stoul((*m)[2]));
      const auto low = (*m)[3].matched ? static_cast<unsigned>(std::stoul((*m)[3])) : high;
      out.push_back({(*m)[1], row.kind, high, low});
    }
    INFO(section << ": " << row.first);
    CHECK(found == row.names.size());
  }
  return out;
}

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 31;
  x *= 0x7fb5'd329'728e'a185;
  x ^= x >> 27;
  x *= 0x81da'def4'bc2d'd44d;
  return x ^ x >> 33;
}

/// A descriptor at every address: mostly valid, accessed, of a small physical memory.
std::uint64_t descriptor_at(std::uint64_t address, std::uint64_t seed) {
  const std::uint64_t h = mixed(address ^ mixed(seed)), choice = mixed(h);
  std::uint64_t d = h & ~(std::uint64_t{0xfff} << 36);
  if (choice % 16 != 0) d |= 3;
  if (choice % 5 != 0) d |= 1U << 10;
  if (choice % 3 != 0) d &= ~(std::uint64_t{3} << 53);  // XN
  return d;
}

struct Outcome {
  bool fault = false;
  arm::TranslationFault why{};
  std::uint64_t pa = 0, ipa = 0, bytes = 0, contiguous = 0;
  event::Path path{};
  std::uint16_t asid = 0, vmid = 0;
  std::uint64_t tag = 0;  ///< the VA without
  std::uint64_t reads = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// What comes of a walk, and of what it read and with which attributes.
Outcome walked(const arm::TranslationRegisters& r, Regime regime, arm::VirtAddr va, const arm::AccessRequest& q,
               std::uint64_t seed) {
  arm::TableWalk walk(r, regime, va, q);
  Outcome o;
  for (;;) {
    switch (walk.next()) {
      case arm::TableWalk::Next::Read: {
        const auto& read = walk.read();
        const event::Path path = mmu::path_of(read.attributes);
        o.reads = mixed(o.reads ^ read.address.value ^ static_cast<std::uint64_t>(path.memory) << 56 ^
                        static_cast<std::uint64_t>(path.shareability) << 60);
        walk.supply(descriptor_at(read.address.value, seed));
        break;
      }
      case arm::TableWalk::Next::Update:
        o.reads = mixed(o.reads ^ walk.update().new_value);
        walk.supply_update(walk.update().old_value);
        break;
      case arm::TableWalk::Next::Stage2:
        FAIL("not asked for");
        break;
      case arm::TableWalk::Next::Fault:
        o.fault = true;
        o.why = walk.fault();
        return o;
      case arm::TableWalk::Next::Done: {
        const auto& t = walk.result();
        o.pa = t.pa.value, o.ipa = t.ipa.value, o.bytes = t.bytes, o.contiguous = t.contiguous_bytes;
        o.path = mmu::path_of(t.attributes);
        o.asid = t.asid, o.vmid = t.vmid;
        o.tag = arm::without_tag(va, r, regime, q.kind == arm::AccessRequest::Kind::Fetch).value;
        return o;
      }
    }
  }
}

struct Sample {
  arm::TranslationRegisters r{};
  arm::VirtAddr va{};
  arm::AccessRequest q{};
};

/// Registers that often lead to a translation, and an address that they translate now and then.
Sample sample(std::mt19937_64& random, Regime regime) {
  const auto pick = [&](std::uint64_t n) { return random() % n; };
  Sample s;
  s.r.sctlr = random() | 1;
  s.r.mair = random();
  s.r.ttbr0 = random() & ~(std::uint64_t{0xffff} << 32);
  s.r.ttbr1 = random() & ~(std::uint64_t{0xffff} << 32);
  s.r.tcr = random();
  // Sizes and granules that are in range, both halves enabled mostly.
  const std::uint64_t size = 16 + pick(24);
  s.r.tcr = (s.r.tcr & ~std::uint64_t{0x3f'003f}) | size;
  if (regime != Regime::EL2) {
    s.r.tcr = (s.r.tcr & ~(std::uint64_t{7} << 32)) | size << 16 | (4 + pick(3)) << 32;
    if (pick(8) != 0) s.r.tcr &= ~(std::uint64_t{1} << 7 | std::uint64_t{1} << 23);
  } else {
    s.r.tcr = random();
    s.r.tcr = (s.r.tcr & ~std::uint64_t{0x7'003f}) | size | (4 + pick(3)) << 16;
  }
  s.r.hcr = random() & ~(std::uint64_t{1} << 27 | std::uint64_t{1} << 12);
  if (pick(4) == 0) s.r.hcr |= std::uint64_t{pick(2)} << 27 | std::uint64_t{pick(2)} << 12;
  if (pick(2) == 0) s.r.hcr &= ~std::uint64_t{1};
  s.r.vttbr = random() & ~(std::uint64_t{0xffff} << 32);
  s.r.vtcr = random();
  const std::uint64_t stage2_size = 16 + pick(16);
  s.r.vtcr = (s.r.vtcr & ~std::uint64_t{0x7'003f}) | stage2_size | (4 + pick(3)) << 16;
  std::uint64_t va = random() >> size;
  if (regime != Regime::EL2 && pick(2) == 0) va |= ~std::uint64_t{0} << (64 - size);
  if (pick(4) == 0) va ^= (random() | 1) << 56 & ~(std::uint64_t{1} << 55);
  s.va = {va};
  using Kind = arm::AccessRequest::Kind;
  constexpr std::array kKinds{Kind::Read, Kind::Write, Kind::ReadWrite, Kind::Fetch, Kind::Clean, Kind::Invalidate};
  s.q.kind = kKinds[pick(kKinds.size())];
  s.q.privileged = pick(4) != 0;
  s.q.pan = pick(2) != 0;
  s.q.aligned = pick(4) != 0;
  return s;
}

struct Register {
  std::string_view section;
  Regime regime;
  std::uint64_t arm::TranslationRegisters::*raw;
  std::set<std::string_view> elsewhere;  ///< functional, but not in a walk
};

const Register kRegisters[] = {
    {"SCTLR_EL1, SCTLR_EL2", Regime::EL10, &arm::TranslationRegisters::sctlr, {"A", "SPAN"}},
    {"HCR_EL2",
     Regime::EL10,
     &arm::TranslationRegisters::hcr,
     {"SWIO", "FB", "BSU", "E2H", "TVM", "TRVM", "TSW", "TPCP", "TPU", "TDZ", "TTLB", "TTLBIS", "TTLBOS"}},
    {"TCR_EL1", Regime::EL10, &arm::TranslationRegisters::tcr, {}},
    {"TCR_EL1", Regime::EL20, &arm::TranslationRegisters::tcr, {}},
    {"TCR_EL2", Regime::EL2, &arm::TranslationRegisters::tcr, {}},
    {"VTCR_EL2", Regime::EL10, &arm::TranslationRegisters::vtcr, {}},
    {"TTBR0_ELx, TTBR1_ELx, VTTBR_EL2", Regime::EL10, &arm::TranslationRegisters::ttbr0, {}},
    {"TTBR0_ELx, TTBR1_ELx, VTTBR_EL2", Regime::EL10, &arm::TranslationRegisters::ttbr1, {}},
    {"TTBR0_ELx, TTBR1_ELx, VTTBR_EL2", Regime::EL10, &arm::TranslationRegisters::vttbr, {}},
};

constexpr unsigned kSamples = 3000, kSamplesThatChange = 50'000;

}  // namespace

TEST_CASE("no bit of a register is in two fields") {
  for (const char* section : {"SCTLR_EL1, SCTLR_EL2", "HCR_EL2", "TCR_EL1", "TCR_EL2", "VTCR_EL2",
                              "TTBR0_ELx, TTBR1_ELx, VTTBR_EL2", "PAR_EL1", "ESR_ELx", "Identification of caches"}) {
    std::map<std::string, std::uint64_t> used;
    const auto all = fields_below(section);
    REQUIRE_FALSE(all.empty());
    for (const Field& f : all) {
      const auto dot = f.name.find('.');
      std::uint64_t& bits = used[dot == std::string::npos ? section : f.name.substr(0, dot)];
      INFO(section << ": " << f.name);
      REQUIRE((f.low <= f.high && f.high < 64));
      CHECK((bits & f.mask()) == 0);
      bits |= f.mask();
    }
  }
}

TEST_CASE("fields that walks are said to look at change walks, all others do not") {
  for (const Register& reg : kRegisters) {
    std::uint64_t unnamed = ~std::uint64_t{0};
    std::vector<Field> fields = fields_below(reg.section);
    for (const Field& f : fields) unnamed &= ~f.mask();
    for (unsigned n = 0; n < 64; ++n)
      if ((unnamed >> n & 1) != 0) fields.push_back({"bit " + std::to_string(n), "not modelled", n, n});
    for (const Field& f : fields) {
      const bool changes = f.kind == "functional" && !reg.elsewhere.contains(f.name);
      std::mt19937_64 random(f.low * 97 + static_cast<unsigned>(reg.regime));
      unsigned changed = 0;
      for (unsigned n = 0; n < (changes ? kSamplesThatChange : kSamples) && changed == 0; ++n) {
        const Sample s = sample(random, reg.regime);
        arm::TranslationRegisters other = s.r;
        other.*reg.raw ^= (random() << f.low & f.mask()) | std::uint64_t{1} << f.low;
        changed += walked(s.r, reg.regime, s.va, s.q, n) == walked(other, reg.regime, s.va, s.q, n) ? 0U : 1U;
      }
      INFO(reg.section << ": " << f.name << " " << f.high << ":" << f.low << ", regime "
                       << static_cast<unsigned>(reg.regime));
      CHECK((changed != 0) == changes);
    }
  }
}
