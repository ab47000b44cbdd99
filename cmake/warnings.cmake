# Every target of the project links bgm_warnings; warnings of third-party headers do not count (they are SYSTEM).
add_library(bgm_warnings INTERFACE)
target_compile_options(bgm_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
target_include_directories(bgm_warnings INTERFACE ${CMAKE_SOURCE_DIR})
if(BGM_SANITIZE)
  # Instrumented code confuses the compiler about what libstdc++ has initialised.
  target_compile_options(bgm_warnings INTERFACE -Wno-maybe-uninitialized)
  add_compile_options(-fsanitize=${BGM_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BGM_SANITIZE})
  if(BGM_SANITIZE MATCHES address)
    add_compile_options(-fsanitize=undefined -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=undefined)
  endif()
endif()
