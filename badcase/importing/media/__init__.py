"""Media beside a table: which file each row means, however the table spells it."""
