# One cache serves all build folders of a checkout: paths are made relative before they are hashed.
find_program(BGM_CCACHE ccache)
if(BGM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${BGM_CCACHE})
endif()
