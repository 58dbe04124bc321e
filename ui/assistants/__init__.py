"""The door for assistants: a project over the Model Context Protocol, on standard input and output. They read and propose."""
