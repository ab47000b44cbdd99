# cmake -DFILES=a.sql,b.sql -DOUTPUT=FILE.cpp -P embed_migrations.cmake: writes the definition of embedded_migrations().
string(REPLACE "," ";" files "${FILES}")
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(stem "${file}" NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: a migration is named 001_what_it_does.sql")
  endif()
  set(name "${CMAKE_MATCH_2}")
  string(REGEX REPLACE "^0*([0-9]+)$" "\\1" version "${CMAKE_MATCH_1}")  # overwrites CMAKE_MATCH_*
  file(READ "${file}" script)
  file(SHA256 "${file}" checksum)
  string(APPEND rows "    {${version}, \"${name}\", \"${checksum}\",\n     R\"bgm_sql(${script})bgm_sql\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"daemon/store/embedded_migrations.hpp\"\n\nnamespace bgm {\nnamespace {\n\n"
  "constexpr EmbeddedMigration kMigrations[] = {\n${rows}};\n\n}  // namespace\n\n"
  "std::span<const EmbeddedMigration> embedded_migrations() { return kMigrations; }\n\n}  // namespace bgm\n")
