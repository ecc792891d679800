// SPDX-License-Identifier: Apache-2.0
// Syndromes: fault status codes, aborts, HPFAR_EL2 and PAR_EL1.
#include "staleline/arm/syndrome.h"

#include <catch2/catch.hpp>
#include <set>

#include "staleline/arm/attribute_names.h"

using namespace staleline::arm;
using Type = TranslationFaultType;

TEST_CASE("fault status codes are those of DDI 0487 D17.2.37 and read back") {
  CHECK(fault_status(Type::AddressSize, 0) == 0b000000);
  CHECK(fault_status(Type::AddressSize, -1) == 0b101001);
  CHECK(fault_status(Type::Translation, 0) == 0b000100);
  CHECK(fault_status(Type::Translation, 3) == 0b000111);
  CHECK(fault_status(Type::Translation, -1) == 0b101011);
  CHECK(fault_status(Type::AccessFlag, 1) == 0b001001);
  CHECK(fault_status(Type::Permission, 3) == 0b001111);
  CHECK(fault_status(Type::External, 2) == 0b010000);
  CHECK(fault_status(Type::ExternalOnWalk, 3) == 0b010111);
  CHECK(fault_status(Type::ExternalOnWalk, -1) == 0b010011);
  CHECK(fault_status(Type::Alignment, 0) == 0b100001);
  CHECK(fault_status(Type::TlbConflict, 0) == 0b110000);
  CHECK(fault_status(Type::UnsupportedUpdate, 0) == 0b110001);
  CHECK(fault_status(Type::UnsupportedExclusive, 0) == 0b110101);
  std::set<int> codes;
  for (unsigned code = 0; code < 64; ++code) {
    const auto s = decode_fault_status(static_cast<std::uint8_t>(code));
    if (!s) continue;
    CHECK(fault_status(s->type, s->level) == code);
    codes.insert(static_cast<int>(code));
  }
  CHECK(codes.size() == 4 * 5 + 3 + 5);
}

TEST_CASE("an abort's syndrome") {
  TranslationFault f{.type = Type::Permission, .level = 3, .write = true, .va = {0x1234}};
  CHECK(abort_esr(f, true) == 0x9200'004f);
  CHECK(abort_esr(f, false) == 0x9600'004f);
  CHECK(exception_class(abort_esr(f, false)) == ExceptionClass::DataAbort);
  f.fetch = true;
  CHECK(abort_esr(f, true) == 0x8200'000f);
  CHECK(abort_esr(f, false) == 0x8600'000f);
  f = {.type = Type::Translation, .stage = 2, .level = 1, .s1ptw = true, .ipa = {0x12'3456'7890}};
  CHECK(abort_esr(f, true, InstructionSyndrome{.size_log2 = 3, .rt = 5}) == 0x9200'0085);
  CHECK(hpfar_valid(f));
  CHECK(hpfar(f) == 0x1234'5670);
  f.s1ptw = false;
  CHECK(abort_esr(f, true, InstructionSyndrome{.size_log2 = 3, .rt = 5, .sixty_four = true}) == 0x93c5'8005);
  f.maintenance = true;
  CHECK(abort_esr(f, true, InstructionSyndrome{}) == 0x9200'0145);
  CHECK_FALSE(hpfar_valid({.type = Type::Permission, .stage = 2}));
  CHECK(hpfar_valid({.type = Type::Permission, .stage = 2, .s1ptw = true}));
  CHECK_FALSE(hpfar_valid({.type = Type::Translation, .stage = 1}));
  CHECK(esr(ExceptionClass::SVC, 7) == 0x5600'0007);
}

TEST_CASE("PAR_EL1 tells the address and attributes, or the fault") {
  TranslationResult t;
  t.pa = {0xf'1234'5678'9abc};
  t.attributes = *parse_memory_attributes("normal-wb");
  CHECK(par(t) == 0xff0f'1234'5678'9b80);  // ISH, NS, bit 11
  t.attributes = *parse_memory_attributes("device-ngnre");
  t.attributes.shareability = Shareability::NonShareable;
  CHECK(par(t) == 0x040f'1234'5678'9b00);  // Device is Outer Shareable
  CHECK(par(TranslationFault{.type = Type::Translation, .level = 2}) == 0x80d);
  CHECK(par(TranslationFault{.type = Type::Permission, .stage = 2, .level = 3, .s1ptw = true}) == 0xb1f);
}
