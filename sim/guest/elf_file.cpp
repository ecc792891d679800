// SPDX-License-Identifier: Apache-2.0
// Program headers and symbol tables by libelf, each checked against the bytes that there are.
#include "elf_file.h"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace staleline::guest {

namespace {

struct Closer {
  void operator()(Elf* e) const { elf_end(e); }
};
using Handle = std::unique_ptr<Elf, Closer>;

// Tables lie where the file says, aligned or not.
template <class T>
T entry_of(const void* table, std::size_t number) {
  T entry;
  std::memcpy(&entry, static_cast<const char*>(table) + number * sizeof entry, sizeof entry);
  return entry;
}

[[noreturn]] void fail(const std::string& name, const std::string& what) { throw FileError(name + ": " + what); }

// What libelf does not look at before it gives a header: the kind of machine.
void check_identity(const std::string& name, const std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < sizeof(Elf64_Ehdr)) fail(name, "a truncated ELF file: its header is not complete");
  if (bytes[EI_CLASS] != ELFCLASS64) fail(name, "not a 64-bit ELF file; an AArch64 executable is expected");
  if (bytes[EI_DATA] != ELFDATA2LSB) fail(name, "a big-endian ELF file; only little-endian guests run");
}

void check_header(const std::string& name, const Elf64_Ehdr& header) {
  if (header.e_machine != EM_AARCH64) {
    fail(name, fmt::format("an ELF file for machine {}; AArch64 ({}) is expected", header.e_machine, EM_AARCH64));
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    fail(name, header.e_type == ET_REL ? "an object file that is not linked; an executable is expected"
                                       : "an ELF file that is no executable");
  }
  if (header.e_phnum == 0) fail(name, "an ELF file without program headers: it says nothing to load");
}

Segment segment_of(const std::string& name, std::size_t number, const Elf64_Phdr& p,
                   const std::vector<std::uint8_t>& bytes) {
  if (p.p_offset > bytes.size() || p.p_filesz > bytes.size() - p.p_offset) {
    fail(name, fmt::format("a truncated ELF file: segment {} ends at byte {}, the file at {}", number,
                           p.p_offset + p.p_filesz, bytes.size()));
  }
  if (p.p_memsz < p.p_filesz) {
    fail(name, fmt::format("segment {} has {} bytes and room for {}", number, p.p_filesz, p.p_memsz));
  }
  if (p.p_paddr + (p.p_memsz - 1) < p.p_paddr || p.p_vaddr + (p.p_memsz - 1) < p.p_vaddr) {
    fail(name, fmt::format("segment {} goes past the last address", number));
  }
  const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(p.p_offset);
  return {{p.p_paddr}, {first, first + static_cast<std::ptrdiff_t>(p.p_filesz)}, p.p_memsz, {p.p_vaddr}};
}

// Sized functions before other symbols, global before local ones.
std::uint8_t rank_of(const Elf64_Sym& s) {
  const unsigned type = ELF64_ST_TYPE(s.st_info);
  return static_cast<std::uint8_t>((type == STT_FUNC ? 4 : 0) + (type == STT_OBJECT ? 2 : 0) +
                                   (ELF64_ST_BIND(s.st_info) != STB_LOCAL ? 1 : 0));
}

Symbols symbols_of(Elf* elf, std::uint64_t end) {
  std::vector<Symbol> symbols;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;  // a copy: in a damaged file they stand at any address
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB) continue;
    const Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) continue;
    for (std::size_t i = 0; i < data->d_size / sizeof(Elf64_Sym); ++i) {
      const auto s = entry_of<Elf64_Sym>(data->d_buf, i);
      const unsigned type = ELF64_ST_TYPE(s.st_info);
      if (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE) continue;
      if (s.st_shndx == SHN_UNDEF || s.st_shndx == SHN_ABS || s.st_shndx == SHN_COMMON) continue;
      const char* name = elf_strptr(elf, header.sh_link, s.st_name);
      // $x and $d tell code from data (ELF for the Arm 64-bit Architecture); they name nothing.
      if (name == nullptr || *name == '\0' || *name == '$') continue;
      symbols.push_back({s.st_value, s.st_size, name, rank_of(s)});
    }
  }
  return {std::move(symbols), end};
}

}  // namespace

bool is_elf(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() >= SELFMAG && std::equal(bytes.begin(), bytes.begin() + SELFMAG, ELFMAG);
}

Image read_elf(const std::string& name, std::vector<std::uint8_t>& bytes) {
  check_identity(name, bytes);
  if (elf_version(EV_CURRENT) == EV_NONE) fail(name, "libelf knows no current version");
  const Handle elf{elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size())};
  const Elf64_Ehdr* header = elf == nullptr ? nullptr : elf64_getehdr(elf.get());
  if (header == nullptr) fail(name, fmt::format("a damaged ELF file: {}", elf_errmsg(-1)));
  check_header(name, *header);

  std::size_t count = 0;
  const Elf64_Phdr* headers = elf64_getphdr(elf.get());
  if (headers == nullptr || elf_getphdrnum(elf.get(), &count) != 0) {
    fail(name, "a truncated ELF file: its program headers are not there");
  }
  Image image;
  image.kind = ImageKind::Elf;
  std::optional<arm::PhysAddr> entry;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto p = entry_of<Elf64_Phdr>(headers, i);
    if (p.p_type != PT_LOAD || p.p_memsz == 0) continue;
    image.segments.push_back(segment_of(name, i, p, bytes));
    end = std::max(end, p.p_vaddr + p.p_memsz);
    if (!entry && header->e_entry - p.p_vaddr < p.p_memsz) {
      entry = arm::PhysAddr{header->e_entry - p.p_vaddr + p.p_paddr};
    }
  }
  if (image.segments.empty()) fail(name, "an ELF file without a segment to load");
  if (!entry) fail(name, fmt::format("the entry point {:#x} lies in no segment", header->e_entry));
  image.entry = *entry;
  image.symbols = symbols_of(elf.get(), end);
  return image;
}

}  // namespace staleline::guest
