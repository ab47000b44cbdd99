# Every target of the project links bgm_warnings; warnings of third-party headers do not count (they are SYSTEM).
add_library(bgm_warnings INTERFACE)
target_compile_options(bgm_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
target_include_directories(bgm_warnings INTERFACE ${CMAKE_SOURCE_DIR})
if(BGM_SANITIZE)
  # Instrumented code confuses the compiler about what libstdc++ has initialised.
  target_compile_options(bgm_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_compile_options(-fsanitize=${BGM_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BGM_SANITIZE})
  if(BGM_SANITIZE MATCHES address)
    add_compile_options(-fsanitize=undefined -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=undefined)
  endif()
endif()
if(BGM_FUZZ)
  # The warnings are those of gcc. clang's vptr check asks for type information that third-party libraries do not export.
  target_compile_options(bgm_warnings INTERFACE -Wno-error)
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=vptr,function)
  add_link_options(-fsanitize=fuzzer-no-link -fno-sanitize=vptr,function)
endif()
