# Writes the files of a folder into a C++ source: cmake -DFOLDER=… -DPAGES=a;b -DOUTPUT=… -P embed_pages.cmake
# They are UTF-8 text; the digest of each tells browsers whether it is still the same.
set(text "#include \"console/page_file.h\"\n\nnamespace mws::embedded {\n\n")
set(rows "")
set(number 0)
foreach(page ${PAGES})
    file(READ ${FOLDER}/${page} content)
    file(SHA256 ${FOLDER}/${page} digest)
    string(SUBSTRING ${digest} 0 32 digest)
    if(content MATCHES "[)]~mws~\"")
        message(FATAL_ERROR "${page}: has the text that ends a raw string")
    endif()
    string(APPEND text "static constexpr char page${number}[] = R\"~mws~(${content})~mws~\";\n")
    string(APPEND rows
        "    {\"${page}\", \"\\\"${digest}\\\"\", {page${number}, sizeof page${number} - 1}},\n")
    math(EXPR number "${number} + 1")
endforeach()
string(APPEND text "\nextern const PageFile pages[] = {\n${rows}};\nextern const size_t pageCount = ${number};\n\n} // namespace mws::embedded\n")
file(WRITE ${OUTPUT} "${text}")
