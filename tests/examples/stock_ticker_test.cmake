mws_add_example_test(stock_ticker SOURCES stock_ticker_test.cpp ${CMAKE_SOURCE_DIR}/examples/stock-ticker/market.cpp)
target_include_directories(test_example_stock_ticker PRIVATE ${CMAKE_SOURCE_DIR}/examples/stock-ticker)
add_dependencies(test_example_stock_ticker stock-server)
