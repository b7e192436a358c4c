mws_add_npm_folder(private_todo_packages ${CMAKE_SOURCE_DIR}/examples/private-todo)
mws_add_example_test(private_todo SOURCES private_todo_test.cpp)
target_compile_definitions(test_example_private_todo PRIVATE MWS_NODE_MODULES="${private_todo_packages_modules}")
