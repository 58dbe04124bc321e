"""Labels as a data set wrote them: the cells of a column, numbers, missing values, spellings, lists and 0/1 columns."""
