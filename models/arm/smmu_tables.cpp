// SPDX-License-Identifier: Apache-2.0
// Stream table and context descriptor formats, a field a line.
#include "staleline/arm/smmu_tables.h"

#include "smmu_visit.h"

namespace staleline::arm::smmu {

namespace {

// Where a field of word `w` lies that has bits [high:low] there.
constexpr Field at(std::string_view name, unsigned w, unsigned high, unsigned low) {
  return {name, static_cast<std::uint16_t>(w * 64 + low), static_cast<std::uint8_t>(high - low + 1), false};
}
constexpr Field bit(std::string_view name, unsigned w, unsigned low) { return at(name, w, low, low); }
constexpr Field address(std::string_view name, unsigned w, unsigned high, unsigned low) {
  Field f = at(name, w, high, low);
  f.in_place = true;
  return f;
}

constexpr auto kL1StdFields = [](auto visit, auto& d) {
  visit(at("Span", 0, 4, 0), d.span);
  visit(address("L2Ptr", 0, 51, 6), d.l2_ptr);
};

constexpr auto kL1CdFields = [](auto visit, auto& d) {
  visit(bit("V", 0, 0), d.v);
  visit(address("L2Ptr", 0, 51, 12), d.l2_ptr);
};

constexpr auto kSteFields = [](auto visit, auto& s) {
  visit(bit("V", 0, 0), s.v);
  visit(at("Config", 0, 3, 1), s.config);
  visit(at("S1Fmt", 0, 5, 4), s.s1fmt);
  visit(address("S1ContextPtr", 0, 51, 6), s.s1_context_ptr);
  visit(at("S1CDMax", 0, 63, 59), s.s1cd_max);
  visit(at("S1DSS", 1, 1, 0), s.s1dss);
  visit(at("S1CIR", 1, 3, 2), s.s1cir);
  visit(at("S1COR", 1, 5, 4), s.s1cor);
  visit(at("S1CSH", 1, 7, 6), s.s1csh);
  visit(bit("DRE", 1, 12), s.dre);
  visit(at("CONT", 1, 16, 13), s.cont);
  visit(bit("DCP", 1, 17), s.dcp);
  visit(bit("PPAR", 1, 18), s.ppar);
  visit(bit("MEV", 1, 19), s.mev);
  visit(bit("S2FWB", 1, 25), s.s2fwb);
  visit(bit("S1MPAM", 1, 26), s.s1mpam);
  visit(bit("S1STALLD", 1, 27), s.s1stalld);
  visit(at("EATS", 1, 29, 28), s.eats);
  visit(at("STRW", 1, 31, 30), s.strw);
  visit(at("MemAttr", 1, 35, 32), s.mem_attr);
  visit(bit("MTCFG", 1, 36), s.mtcfg);
  visit(at("ALLOCCFG", 1, 40, 37), s.alloccfg);
  visit(at("SHCFG", 1, 45, 44), s.shcfg);
  visit(at("NSCFG", 1, 47, 46), s.nscfg);
  visit(at("PRIVCFG", 1, 49, 48), s.privcfg);
  visit(at("INSTCFG", 1, 51, 50), s.instcfg);
  visit(at("S2VMID", 2, 15, 0), s.s2vmid);
  visit(at("S2T0SZ", 2, 37, 32), s.s2t0sz);
  visit(at("S2SL0", 2, 39, 38), s.s2sl0);
  visit(at("S2IR0", 2, 41, 40), s.s2ir0);
  visit(at("S2OR0", 2, 43, 42), s.s2or0);
  visit(at("S2SH0", 2, 45, 44), s.s2sh0);
  visit(at("S2TG", 2, 47, 46), s.s2tg);
  visit(at("S2PS", 2, 50, 48), s.s2ps);
  visit(bit("S2AA64", 2, 51), s.s2aa64);
  visit(bit("S2ENDI", 2, 52), s.s2endi);
  visit(bit("S2AFFD", 2, 53), s.s2affd);
  visit(bit("S2PTW", 2, 54), s.s2ptw);
  visit(bit("S2HD", 2, 55), s.s2hd);
  visit(bit("S2HA", 2, 56), s.s2ha);
  visit(bit("S2S", 2, 57), s.s2s);
  visit(bit("S2R", 2, 58), s.s2r);
  visit(address("S2TTB", 3, 51, 4), s.s2ttb);
};

constexpr auto kCdFields = [](auto visit, auto& c) {
  visit(at("T0SZ", 0, 5, 0), c.t0sz);
  visit(at("TG0", 0, 7, 6), c.tg0);
  visit(at("IR0", 0, 9, 8), c.ir0);
  visit(at("OR0", 0, 11, 10), c.or0);
  visit(at("SH0", 0, 13, 12), c.sh0);
  visit(bit("EPD0", 0, 14), c.epd0);
  visit(bit("ENDI", 0, 15), c.endi);
  visit(at("T1SZ", 0, 21, 16), c.t1sz);
  visit(at("TG1", 0, 23, 22), c.tg1);
  visit(at("IR1", 0, 25, 24), c.ir1);
  visit(at("OR1", 0, 27, 26), c.or1);
  visit(at("SH1", 0, 29, 28), c.sh1);
  visit(bit("EPD1", 0, 30), c.epd1);
  visit(bit("V", 0, 31), c.v);
  visit(at("IPS", 0, 34, 32), c.ips);
  visit(bit("AFFD", 0, 35), c.affd);
  visit(bit("WXN", 0, 36), c.wxn);
  visit(bit("UWXN", 0, 37), c.uwxn);
  visit(bit("TBI0", 0, 38), c.tbi0);
  visit(bit("TBI1", 0, 39), c.tbi1);
  visit(bit("PAN", 0, 40), c.pan);
  visit(bit("AA64", 0, 41), c.aa64);
  visit(bit("HD", 0, 42), c.hd);
  visit(bit("HA", 0, 43), c.ha);
  visit(bit("S", 0, 44), c.s);
  visit(bit("R", 0, 45), c.r);
  visit(bit("A", 0, 46), c.a);
  visit(bit("ASET", 0, 47), c.aset);
  visit(at("ASID", 0, 63, 48), c.asid);
  visit(bit("NSCFG0", 1, 0), c.nscfg0);
  visit(bit("HAD0", 1, 1), c.had0);
  visit(bit("E0PD0", 1, 2), c.e0pd0);
  visit(address("TTB0", 1, 51, 4), c.ttb0);
  visit(bit("NSCFG1", 2, 0), c.nscfg1);
  visit(bit("HAD1", 2, 1), c.had1);
  visit(bit("E0PD1", 2, 2), c.e0pd1);
  visit(address("TTB1", 2, 51, 4), c.ttb1);
  visit(at("MAIR", 3, 63, 0), c.mair);
  visit(at("AMAIR", 4, 63, 0), c.amair);
};

}  // namespace

std::uint64_t encode(const L1StreamTableDescriptor& d) {
  std::uint64_t word = 0;
  detail::encode_into({&word, 1}, d, kL1StdFields);
  return word;
}
L1StreamTableDescriptor decode_l1_stream_table_descriptor(std::uint64_t word) {
  L1StreamTableDescriptor d;
  detail::decode_from({&word, 1}, d, kL1StdFields);
  return d;
}

SteWords encode(const Ste& ste) {
  SteWords words{};
  detail::encode_into(words, ste, kSteFields);
  return words;
}
Ste decode_ste(const SteWords& words) {
  Ste ste;
  detail::decode_from(words, ste, kSteFields);
  return ste;
}

std::uint64_t encode(const L1ContextDescriptor& d) {
  std::uint64_t word = 0;
  detail::encode_into({&word, 1}, d, kL1CdFields);
  return word;
}
L1ContextDescriptor decode_l1_context_descriptor(std::uint64_t word) {
  L1ContextDescriptor d;
  detail::decode_from({&word, 1}, d, kL1CdFields);
  return d;
}

CdWords encode(const Cd& cd) {
  CdWords words{};
  detail::encode_into(words, cd, kCdFields);
  return words;
}
Cd decode_cd(const CdWords& words) {
  Cd cd;
  detail::decode_from(words, cd, kCdFields);
  return cd;
}

std::span<const Field> ste_fields() {
  static const std::vector<Field> fields = detail::list<Ste>(kSteFields);
  return fields;
}
std::span<const Field> cd_fields() {
  static const std::vector<Field> fields = detail::list<Cd>(kCdFields);
  return fields;
}

}  // namespace staleline::arm::smmu
