"""Labels as data sets write them."""
