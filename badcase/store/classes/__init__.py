"""The classes of a project as entries of the journal make them: what each entry says, and what they are after all of them."""
