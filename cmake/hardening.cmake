# What makes a bug in memory harder to use, for all that ships (src/): docs/decisions/build.md says what each costs.
# A sanitizer's build does without: it finds more, and _FORTIFY_SOURCE would hide from it what it looks for.
if(NOT LATCHKEY_SANITIZE)
  add_compile_options(-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
                      -fstack-clash-protection)
endif()
# Debian's compilers do the first by themselves; who links a library of ours into a test links that as well.
add_compile_options(-fPIE)
add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
