// SPDX-License-Identifier: Apache-2.0
// Loads, stores, atomics, maintenance: the address and the request, then the registers that the response
// and the address write-back go to.
#include <bit>
#include <cstring>

#include "integer.h"
#include "register_file.h"
#include "semantics.h"
#include "staleline/a64/execute.h"

namespace staleline::a64 {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as bytes");

std::uint64_t base_plus_offset(const Instruction& i, const Registers& registers) {
  return read(registers, i.rn) + second_operand(i.operand, true, i, registers);
}

bool is_pair(const Instruction& i) {
  return i.opcode == Opcode::LDP || i.opcode == Opcode::STP || i.opcode == Opcode::CASP;
}

std::uint64_t element_of(const Instruction& i, std::uint64_t value) { return value & ones(8U * i.element_bytes); }

std::uint64_t loaded(const Instruction& i, std::uint64_t response) {
  return i.sign_extends ? sign_extended(response, 8U * i.element_bytes) : element_of(i, response);
}

void atomic_request(const Instruction& i, const Registers& registers, MemoryRequest& request) {
  const auto element = [&](std::uint8_t number) { return element_of(i, read(registers, number)); };
  request.kind = MemoryRequest::Kind::Atomic;
  request.atomic = i.opcode == Opcode::Atomic ? i.atomic : AtomicOperation::Compare;
  request.data[0] = element(i.rm);
  if (i.opcode == Opcode::Atomic) {
    // Where the loaded value goes nowhere, nothing is acquired (DDI 0487 C6.2.151, LDADD).
    if (i.rd == kZeroRegister) request.acquire = false;
    return;
  }
  request.compared[0] = element(i.rd);
  if (i.opcode == Opcode::CASP) {
    request.data[1] = element(i.ra);
    request.compared[1] = element(i.rt2);
  }
}

/// Rt and Rt2 of a store. Each half of a Q register is an element.
void stored_data(const Instruction& i, const Registers& registers, MemoryRequest& request) {
  if (!i.simd) {
    request.data[0] = element_of(i, read(registers, i.rd));
    if (is_pair(i)) request.data[1] = element_of(i, read(registers, i.rt2));
    return;
  }
  std::size_t e = 0;
  for (const std::uint8_t rt : {i.rd, i.rt2}) {
    const auto& v = registers.vectors[rt % 32];
    request.data[e++] = element_of(i, v[0]);
    if (i.element_bytes == 16) request.data[e++] = v[1];
    if (!is_pair(i)) break;
  }
}

/// Of a V register what is not loaded becomes zero (DDI 0487 C7.2, LDR).
void loaded_vectors(const Instruction& i, const Elements& response, Registers& registers) {
  std::size_t e = 0;
  for (const std::uint8_t rt : {i.rd, i.rt2}) {
    auto& v = registers.vectors[rt % 32];
    v = {element_of(i, response[e++]), 0};
    if (i.element_bytes == 16) v[1] = response[e++];
    if (!is_pair(i)) break;
  }
}

/// DC, IC, TLBI, AT.
void maintenance_request(const Instruction& i, MemoryRequest& request) {
  request.element_bytes = 0;
  request.alignment = 1;
  switch (i.opcode) {
    case Opcode::TLBI:
      request.kind = MemoryRequest::Kind::Tlbi;
      request.tlbi = i.tlbi;
      request.data = {request.address.value, i.mask};
      request.address = {};
      break;
    case Opcode::AT:
      request.kind = MemoryRequest::Kind::Translate;
      request.translation = i.translation;
      break;
    default:
      request.kind = MemoryRequest::Kind::Cache;
      request.op = i.op;
      request.range_bytes = i.range_bytes;
      if (arm::is_by_va(i.op)) break;
      request.data[0] = request.address.value;
      request.address = {};
      break;
  }
}

}  // namespace

MemoryRequest memory_request(const Instruction& i, const Registers& registers) {
  MemoryRequest request;
  request.address.value =
      i.addressing == Addressing::PostIndex ? read(registers, i.rn) : base_plus_offset(i, registers);
  request.element_bytes = i.element_bytes;
  request.elements = is_pair(i) ? 2 : 1;
  request.alignment = i.element_bytes;
  if (i.element_bytes == 16) {
    request.element_bytes = 8;
    request.elements = static_cast<std::uint8_t>(2 * request.elements);
  }
  request.acquire = i.acquire;
  request.acquire_pc = i.acquire_pc;
  request.release = i.release;
  request.exclusive = i.exclusive;
  request.unprivileged = i.unprivileged;
  switch (i.opcode) {
    case Opcode::STR:
    case Opcode::STP:
      request.kind = MemoryRequest::Kind::Store;
      stored_data(i, registers, request);
      break;
    case Opcode::Atomic:
    case Opcode::CAS:
    case Opcode::CASP:
      atomic_request(i, registers, request);
      break;
    case Opcode::PRFM:
      request.kind = MemoryRequest::Kind::Prefetch;
      request.element_bytes = 0;
      request.alignment = 1;
      request.hint = i.hint;
      break;
    case Opcode::DC:
    case Opcode::IC:
    case Opcode::TLBI:
    case Opcode::AT:
      maintenance_request(i, request);
      break;
    case Opcode::FETCH:
      request.kind = MemoryRequest::Kind::Fetch;
      break;
    case Opcode::WALK:
      request.kind = MemoryRequest::Kind::Walk;
      break;
    default:
      request.kind = MemoryRequest::Kind::Load;
      break;
  }
  return request;
}

void complete_memory(const Instruction& i, const Elements& response, Registers& registers) {
  // The base first: where a load names it as its destination too, the loaded value stays.
  if (i.addressing != Addressing::Offset) write(registers, i.rn, base_plus_offset(i, registers));
  switch (i.opcode) {
    case Opcode::LDR:
    case Opcode::LDP:
    case Opcode::FETCH:
    case Opcode::WALK:
      if (i.simd) {
        loaded_vectors(i, response, registers);
        break;
      }
      write(registers, i.rd, loaded(i, response[0]), i.is_64bit);
      if (i.opcode == Opcode::LDP) write(registers, i.rt2, loaded(i, response[1]), i.is_64bit);
      break;
    case Opcode::STR:
    case Opcode::STP:
      if (i.exclusive) write(registers, i.ra, response[0] & 1, false);
      break;
    case Opcode::Atomic:
    case Opcode::CAS:
    case Opcode::CASP:
      write(registers, i.rd, element_of(i, response[0]), i.is_64bit);
      if (i.opcode == Opcode::CASP) write(registers, i.rt2, element_of(i, response[1]), i.is_64bit);
      break;
    default:
      break;
  }
}

bool is_plain_access(const Instruction& i) {
  const bool moves =
      i.opcode == Opcode::LDR || i.opcode == Opcode::STR || i.opcode == Opcode::LDP || i.opcode == Opcode::STP;
  return moves && !i.simd && !i.acquire && !i.release && !i.exclusive && !i.unprivileged;
}

PlainAccess access_of(const Instruction& i, const Registers& registers, std::span<std::uint8_t, 16> data) {
  PlainAccess access;
  access.address.value = i.addressing == Addressing::PostIndex ? read(registers, i.rn) : base_plus_offset(i, registers);
  access.bytes = access.alignment = i.element_bytes;
  if (is_pair(i)) access.bytes = static_cast<std::uint8_t>(2 * access.bytes);
  access.store = i.opcode == Opcode::STR || i.opcode == Opcode::STP;
  if (!access.store) return access;
  // Little-endian: what lies beyond the element is not stored.
  const std::uint64_t first = read(registers, i.rd);
  std::memcpy(data.data(), &first, 8);
  if (is_pair(i)) {
    const std::uint64_t second = read(registers, i.rt2);
    std::memcpy(data.data() + i.element_bytes, &second, 8);
  }
  return access;
}

void complete_access(const Instruction& i, std::span<const std::uint8_t, 16> bytes, Registers& registers) {
  if (i.addressing != Addressing::Offset) write(registers, i.rn, base_plus_offset(i, registers));
  if (i.opcode != Opcode::LDR && i.opcode != Opcode::LDP) return;
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), 8);
  write(registers, i.rd, loaded(i, value), i.is_64bit);
  if (i.opcode == Opcode::LDR) return;
  std::memcpy(&value, bytes.data() + i.element_bytes, 8);
  write(registers, i.rt2, loaded(i, value), i.is_64bit);
}

}  // namespace staleline::a64
